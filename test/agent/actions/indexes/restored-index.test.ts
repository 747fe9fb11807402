import { expect, test } from 'vitest'
import { definitionHash } from '../../../../agent/actions/indexes/index-problems.ts'
import { printSize } from '../../../../agent/actions/indexes/print-size.ts'
import { buildStatement, quotedName } from '../../../../agent/actions/indexes/restored-index.ts'
import { tableNameOf } from '../../../../agent/actions/indexes/table-name.ts'
import { rowXidOf } from '../../../../agent/actions/indexes/trial-transaction.ts'

test.each([
  ['CREATE INDEX a ON public.t USING btree (n)', 'CREATE INDEX CONCURRENTLY a ON public.t USING btree (n)'],
  [
    `CREATE UNIQUE INDEX "CREATE INDEX " ON public.t USING btree (n) WHERE (s = 'CREATE INDEX x'::text)`,
    `CREATE UNIQUE INDEX CONCURRENTLY "CREATE INDEX " ON public.t USING btree (n) WHERE (s = 'CREATE INDEX x'::text)`,
  ],
])('%s is built anew while others write', (definition, statement) => {
  expect(buildStatement(definition)).toBe(statement)
})

test('what is no definition of an index is not run', () => {
  expect(() => buildStatement('DROP TABLE t')).toThrow(TypeError)
  expect(() => buildStatement('CREATE INDEX CONCURRENTLY a ON t (n)')).toThrow(TypeError)
})

test('names are quoted whatever they hold', () => {
  expect(quotedName({ schema: 'Sales', name: 'a"b' })).toBe('"Sales"."a""b"')
  expect(tableNameOf('public.orders')).toBe('orders')
  expect(tableNameOf('"Sales"."Odd ""name.x"""')).toBe('Odd "name.x"')
})

test('a definition has the same hash however it is spaced, and another one when it says something else', () => {
  const hash = definitionHash('CREATE INDEX a ON public.t USING btree (n)')
  expect(definitionHash(' CREATE INDEX a\n  ON public.t USING btree (n); ')).toBe(hash)
  expect(definitionHash('CREATE INDEX a ON public.t USING btree (m)')).not.toBe(hash)
})

test('a row has the lower half of the number of the transaction that has changed it', () => {
  expect(rowXidOf('742')).toBe('742')
  expect(rowXidOf(String(3n * 2n ** 32n + 742n))).toBe('742')
})

test.each([
  [0, '0 B'],
  [8192, '8 kB'],
  [1_500_000_000, '1.4 GB'],
  [3 * 2 ** 50, '3070 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(printSize(bytes)).toBe(text)
})
