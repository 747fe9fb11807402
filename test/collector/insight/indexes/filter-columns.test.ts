import { expect, test } from 'vitest'
import { filterColumns } from '../../../../collector/insight/indexes/filter-columns.ts'
import { judgeScannedTable } from '../../../../collector/insight/indexes/judge-missing.ts'

const table = { table: 'orders', columns: ['id', 'customer', 'state', 'at', 'order'] }
const of = (...texts: string[]) => filterColumns(texts, table)

test('columns that a statement on one table compares, by equality first', () => {
  expect(of('SELECT * FROM orders WHERE customer = $1')).toEqual(['customer'])
  expect(
    of(
      'select id from public.orders o\n where o.at > $1 and o.state = $2 and o.customer = $3 order by id limit $4',
    ),
  ).toEqual(['customer', 'state', 'at'])
  expect(of('UPDATE "orders" SET state = $1 WHERE customer IN ($2, $3)')).toEqual(['customer'])
  expect(of('delete from only orders where "order" = any ($1)')).toEqual(['order'])
  expect(of('select from orders where at between $1 and $2')).toEqual(['at'])
})

test('what does not tell simply tells nothing', () => {
  expect(of('select * from orders')).toBeUndefined()
  expect(of('select * from orders where customer = $1 or state = $2')).toBeUndefined()
  expect(of('select * from orders where id in (select id from other where customer = $1)')).toBeUndefined()
  expect(of('select * from orders_archive where customer = $1')).toBeUndefined()
  expect(of('select * from customers c join orders o on o.customer = c.id where c.name = $1')).toBeUndefined()
  expect(of('select * from orders where lower(state) = $1')).toBeUndefined()
  expect(of()).toBeUndefined()
})

test('the most frequent combination counts', () => {
  const texts = ['customer = $1', 'at > $1', 'at >= $1'].map(
    (condition) => `select * from orders where ${condition}`,
  )
  expect(of(...texts)).toEqual(['at'])
})

const scanned = {
  ...table,
  ...{
    oid: 100,
    schema: 'public',
    sizeBytes: 9_000_000,
    rows: 50_000,
    scansPerDay: 100,
    rowsReadPerDay: 5_000_000,
  },
  ...{ writesPerDay: 5, indexed: [['id']] },
}

test('an index is proposed where the columns are known and none begins with them', () => {
  const texts = ['select * from orders where customer = $1']
  expect(judgeScannedTable(scanned, texts)).toMatchObject({
    verdict: 'create',
    index: 'orders_customer_idx',
    definition: 'CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders USING btree (customer)',
    reasons: [
      'public.orders is read from end to end 100 times a day, 50000 rows each time',
      expect.any(String),
    ],
  })
  expect(judgeScannedTable(scanned, ['select from orders where "order" = $1']).definition).toContain(
    '("order")',
  )
  expect(judgeScannedTable({ ...scanned, indexed: [['customer', 'id']] }, texts)).toMatchObject({
    verdict: 'needs-evidence',
    definition: null,
    reasons: [expect.any(String), expect.stringContaining('there is an index that they do not use')],
  })
  expect(judgeScannedTable(scanned, [])).toMatchObject({ verdict: 'needs-evidence', definition: null })
})
