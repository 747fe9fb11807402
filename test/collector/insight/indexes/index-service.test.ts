import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../../../collector/fleet/migrations.ts'
import { createIndexBook } from '../../../../collector/insight/indexes/index-book.ts'
import { createIndexService } from '../../../../collector/insight/indexes/index-service.ts'
import type { ClusterMember } from '../../../../collector/insight/indexes/member-evidence.ts'
import { createKeptEvidence } from '../../../../collector/insight/indexes/read-evidence.ts'
import { indexesAnswer } from '../../../../common/insight/index-view.ts'
import type { IndexLedgerBody } from '../../../../common/insight/index-evidence.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { database, day, factOf, factsOf, hour, ledgerOf, nowMs, reportOf } from './evidence.ts'

const primary: Partial<IndexLedgerBody> = { inRecovery: false }

function opened(members: readonly ClusterMember[] = [], texts: readonly string[] = []) {
  const sqlite = new DatabaseSync(':memory:')
  onTestFinished(() => sqlite.close())
  migrate(sqlite, ':memory:')
  const clock = createManualClock(nowMs)
  const book = createIndexBook(sqlite, clock)
  const gone = new Set<string>()
  const service = createIndexService({
    evidence: createKeptEvidence(sqlite),
    members: () => members,
    isKnownNode: (node) => !gone.has(node),
    texts: () => texts,
    days: 35,
    clock,
  })
  return {
    clock,
    gone,
    count: (table: string) => Number(sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']),
    tell: (server: string, body: unknown) => book.take(reportOf(server, body), server),
    list: (query = {}) => {
      const listing = service.list(query)
      expect(indexesAnswer.parse({ status: 'success', data: listing }).data).toEqual(listing)
      return listing
    },
  }
}

test('an index can go when every member has looked long enough, and says so with the next command', () => {
  const { tell, list } = opened()
  tell('pg-1', ledgerOf([{}], { ...primary, followers: ['second@10.0.0.2'] }))
  tell('pg-2', ledgerOf())
  tell('pg-1', factsOf([factOf()]))
  const { findings, notes, days } = list()
  expect({ notes, days }).toEqual({ notes: [], days: 35 })
  expect(findings).toMatchObject([
    {
      ...{ cluster: 'pg', server: 'pg-1', database: 'shop', databaseOid: 5, oid: 101, index: 'item_code' },
      ...{ finding: 'unused', verdict: 'droppable', savesBytes: 80_000_000, writesPerDay: 5_000 },
      next: 'agentctl index drop pg public.item_code --database shop',
      members: [
        { server: 'pg-1', role: 'primary', state: 'unused' },
        { server: 'pg-2', role: 'standby', state: 'unused' },
      ],
    },
  ])
})

test('a database of which the agent tells no more says so, whatever it is narrowed by', () => {
  const { tell, list } = opened()
  const facts = Array.from({ length: 500 }, (_, i) => factOf({ oid: 1_000 + i, index: `item_${i}` }))
  tell('pg-1', ledgerOf([{}], primary))
  tell('pg-1', factsOf(facts.slice(1)))
  expect(list().notes).toEqual([])
  tell('pg-1', factsOf(facts, { atMs: nowMs }))
  const note = expect.stringMatching(/^of shop of pg the 500 indexes are known that matter most/) as unknown
  expect(list().notes).toEqual([note])
  expect(list({ finding: 'bloated' }).notes).toEqual([note])
  expect(list({ database: 'other' }).notes).toEqual([])
})

test('an index that only a standby uses is kept', () => {
  const { tell, list } = opened()
  tell('pg-1', ledgerOf([{}], primary))
  tell('pg-2', ledgerOf([{ usedMs: nowMs - hour, scans: 3 }]))
  tell('pg-1', factsOf([factOf()]))
  expect(list().findings).toMatchObject([
    { verdict: 'keep', next: null, reasons: [expect.stringContaining('used on pg-2 1 hours ago')] },
  ])
})

test('a member that the fleet knows and that has told nothing stands in the way, until it is taken out', () => {
  const { tell, list } = opened([
    { server: 'pg-1', role: 'primary' },
    { server: 'pg-2', role: 'unknown' },
  ])
  tell('pg-1', ledgerOf([{}], primary))
  tell('pg-1', factsOf([factOf()]))
  expect(list().findings).toMatchObject([
    { verdict: 'needs-evidence', reasons: [expect.stringContaining('pg-2 has told nothing')] },
  ])
  const other = opened()
  other.tell('pg-1', ledgerOf([{}], primary))
  other.tell('pg-2', ledgerOf([{}], { atMs: nowMs - 3 * day }))
  other.tell('pg-1', factsOf([factOf()]))
  expect(other.list().findings).toMatchObject([{ verdict: 'needs-evidence' }])
  other.gone.add('pg-2')
  expect(other.list().findings).toMatchObject([{ verdict: 'droppable' }])
})

test('a standby that no agent looks at stands in the way', () => {
  const { tell, list } = opened()
  tell('pg-1', ledgerOf([{}], { ...primary, followers: ['second@10.0.0.2', 'reports@10.0.0.9'] }))
  tell('pg-2', ledgerOf())
  tell('pg-1', factsOf([factOf()]))
  expect(list().findings).toMatchObject([
    {
      verdict: 'needs-evidence',
      reasons: [expect.stringContaining('(2 follow, 1 are known): second@10.0.0.2, reports@10.0.0.9')],
    },
  ])
})

test('a shorter period may be asked for, and only some findings', () => {
  const { tell, list } = opened()
  const young = { firstMs: nowMs - 10 * day }
  tell('pg-1', ledgerOf([young, { ...young, oid: 102 }], { ...primary, beganMs: nowMs - 10 * day }))
  const coveredBy = { oid: 101, index: 'item_code', isEqual: true }
  tell('pg-1', factsOf([factOf(), factOf({ oid: 102, index: 'item_code_again', coveredBy })]))
  expect(list().findings).toMatchObject([
    { index: 'item_code_again', finding: 'duplicate', verdict: 'droppable', coveredBy: 'item_code' },
    { index: 'item_code', finding: 'unused', verdict: 'needs-evidence' },
  ])
  expect(list({ days: 7, finding: 'unused' }).findings).toMatchObject([
    { index: 'item_code', verdict: 'droppable' },
  ])
  expect(list({ name: 'public.item_code' }).findings).toHaveLength(1)
  expect(list({ name: 'item_code_again' }).findings).toHaveLength(1)
  expect(list({ database: 'other' }).findings).toEqual([])
  expect(list({ cluster: 'other' }).notes).toEqual([expect.stringContaining('no agent has told')])
})

test('an unused index is not to go as well while a used one may go because of it, also by way of a third, or of a part', () => {
  const { tell, list } = opened()
  const used = { usedMs: nowMs - hour, scans: 3 }
  const facts = [
    factOf({ oid: 102, index: 'item_x', coveredBy: { oid: 103, index: 'item_x_again', isEqual: true } }),
    factOf({ oid: 103, index: 'item_x_again', coveredBy: { oid: 101, index: 'item_code', isEqual: false } }),
    factOf(),
    factOf({ oid: 202, index: 'part_x', coveredBy: { oid: 201, index: 'part', isEqual: true } }),
    factOf({ oid: 201, index: 'part', partOf: 'whole' }),
    factOf({ oid: 200, index: 'whole', parts: [201] }),
  ]
  const rows = [{}, { oid: 102 }, { oid: 103 }, { oid: 201 }, { oid: 202 }]
  tell('pg-1', ledgerOf(rows, primary))
  tell('pg-1', factsOf(facts))
  tell('pg-2', ledgerOf(rows))
  const verdicts = () => Object.fromEntries(list().findings.map(({ index, verdict }) => [index, verdict]))
  expect(verdicts()).toMatchObject({ item_code: 'droppable', whole: 'droppable' })
  tell('pg-2', ledgerOf([{}, { oid: 102, ...used }, { oid: 103 }, { oid: 201 }, { oid: 202, ...used }]))
  expect(verdicts()).toEqual({
    ...{ item_x: 'droppable', item_x_again: 'droppable', item_code: 'needs-evidence' },
    ...{ part_x: 'droppable', part: 'keep', whole: 'needs-evidence' },
  })
  expect(list({ name: 'item_code' }).findings[0]).toMatchObject({
    next: null,
    reasons: ['item_x may go because this one does the same for whoever uses that: only one of them can go'],
  })
})

test('an index is found by its name, with and without its schema and the quotes that SQL needs', () => {
  const { tell, list } = opened()
  tell('pg-1', ledgerOf([{}], primary))
  tell('pg-1', factsOf([factOf({ schema: 'Lager', index: 'Größe "neu"' })]))
  for (const name of ['Größe "neu"', 'Lager.Größe "neu"', '"Größe ""neu"""', '"Lager"."Größe ""neu"""']) {
    expect(list({ name }).findings).toMatchObject([
      { next: `agentctl index drop pg '"Lager"."Größe ""neu"""' --database shop` },
    ])
  }
  expect(list({ name: 'lager."Größe ""neu"""' }).findings).toEqual([])
})

test('a partitioned index is used when any of its parts is used by any member, and its parts are not said alone', () => {
  const { tell, list } = opened()
  const whole = factOf({ oid: 300, index: 'whole', parts: [301, 302] })
  const part = factOf({ oid: 301, index: 'part', partOf: 'whole' })
  tell('pg-1', ledgerOf([{ oid: 301 }, { oid: 302 }], primary))
  tell('pg-2', ledgerOf([{ oid: 301 }, { oid: 302 }]))
  tell('pg-1', factsOf([whole, part]))
  expect(list().findings).toMatchObject([
    { index: 'whole', verdict: 'droppable', next: null, members: [{ scans: 0 }, { state: 'unused' }] },
    { index: 'part', verdict: 'keep' },
  ])
  tell('pg-2', ledgerOf([{ oid: 301 }, { oid: 302, usedMs: nowMs - hour, scans: 5 }]))
  expect(list({ name: 'whole' }).findings).toMatchObject([
    { verdict: 'keep', members: [{ state: 'unused' }, { state: 'used', scans: 5 }] },
  ])
  tell('pg-2', ledgerOf([{ oid: 301 }]))
  expect(list({ name: 'whole' }).findings).toMatchObject([{ verdict: 'needs-evidence' }])
})

test('an index that was made after the primary was first looked at is young, and kept', () => {
  const { tell, list } = opened()
  tell('pg-1', ledgerOf([{ firstMs: nowMs - 10 * day }], primary))
  tell('pg-1', factsOf([factOf()]))
  expect(list().findings).toMatchObject([
    { verdict: 'keep', reasons: [expect.stringContaining('younger than 35 days')] },
  ])
})

test('a look of many parts is whole: what it does not tell any more is gone', () => {
  const { tell, list, count } = opened()
  const rows = [{ oid: 101 }, { oid: 102 }]
  for (const [part, row] of rows.entries()) tell('pg-1', ledgerOf([row], { ...primary, part, parts: 2 }))
  tell('pg-1', factsOf([factOf()], { part: 0, parts: 2 }))
  tell('pg-1', factsOf([factOf({ oid: 102, index: 'item_b' })], { part: 1, parts: 2 }))
  expect(list().findings.map(({ index, verdict }) => [index, verdict])).toEqual([
    ['item_b', 'droppable'],
    ['item_code', 'droppable'],
  ])
  tell('pg-1', ledgerOf(rows, { ...primary, atMs: nowMs }))
  tell('pg-1', factsOf([factOf()], { atMs: nowMs }))
  expect(list().findings.map(({ index }) => index)).toEqual(['item_code'])
  expect([count('index_ledgers'), count('index_facts')]).toEqual([1, 1])
})

test('what a former primary told before comes too late', () => {
  const { tell, list } = opened()
  tell('pg-2', ledgerOf([{}], primary))
  tell('pg-1', ledgerOf())
  tell('pg-2', factsOf([factOf()], { atMs: nowMs }))
  tell('pg-1', factsOf([], { atMs: nowMs - hour }))
  expect(list().findings).toMatchObject([{ server: 'pg-2', verdict: 'droppable' }])
})

test('an index that was valid and is not any more is not said to be broken', () => {
  const { tell, list } = opened()
  tell('pg-1', ledgerOf([{}], primary))
  tell('pg-1', factsOf([factOf()]))
  tell('pg-1', factsOf([factOf({ isValid: false })], { atMs: nowMs }))
  expect(list().findings).toMatchObject([{ finding: 'invalid', verdict: 'needs-evidence' }])
})

test('missing indexes are proposed from foreign keys and from statements', () => {
  const { tell, list } = opened([], ['select * from orders where customer = $1'])
  tell('pg-1', ledgerOf([{}], primary))
  const table = {
    oid: 100,
    schema: 'public',
    table: 'orders',
    sizeBytes: 9,
    rows: 9,
    scansPerDay: 9,
    rowsReadPerDay: 9e4,
  }
  const foreignKey = {
    oid: 300,
    schema: 'public',
    table: 'orders',
    tableOid: 100,
    constraint: 'orders_shop_fkey',
    sizeBytes: 8,
  }
  tell(
    'pg-1',
    factsOf([], {
      tables: [{ ...table, writesPerDay: 7, columns: ['id', 'customer'], indexed: [['id']] }],
      foreignKeys: [{ ...foreignKey, columns: ['shop'], referenced: 'public.shop', writesPerDay: 7 }],
    }),
  )
  expect(list({ finding: 'missing' }).findings).toMatchObject([
    {
      verdict: 'create',
      definition: 'CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders USING btree (customer)',
    },
    {
      verdict: 'create',
      definition: 'CREATE INDEX CONCURRENTLY orders_shop_idx ON public.orders USING btree (shop)',
    },
  ])
})

test('what nobody tells any more is forgotten', async () => {
  const { tell, count, clock } = opened()
  tell('pg-9', ledgerOf())
  tell('pg-9', factsOf([factOf()]))
  await clock.advance(61 * day)
  tell('pg-1', ledgerOf([{}], { ...primary, atMs: clock.now() }))
  tell('pg-1', factsOf([], { atMs: clock.now(), database: { ...database, oid: 6 } }))
  expect([count('index_ledgers'), count('index_facts')]).toEqual([1, 0])
})

test('what makes no sense is refused', () => {
  const { tell } = opened()
  const refused = expect.objectContaining({ code: 'BAD_DATA' }) as Error
  expect(() => tell('pg-1', { kind: 'rumour' })).toThrow(refused)
  expect(() => tell('pg-1', ledgerOf([{}], { columns: 'AAAA' }))).toThrow(refused)
  expect(() => tell('pg-1', factsOf([factOf({ bloat: 7 })]))).toThrow(refused)
})
