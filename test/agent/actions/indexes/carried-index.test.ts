import { expect, test } from 'vitest'
import { partsOfDefinition } from '../../../../agent/actions/indexes/carried-index.ts'

test.each([
  [
    'CREATE INDEX orders_note_idx ON public.orders USING btree (note)',
    {
      isUnique: false,
      schema: 'public',
      name: 'orders_note_idx',
      table: 'public.orders',
      sql: 'public.orders_note_idx',
    },
  ],
  [
    'CREATE UNIQUE INDEX "Odd ""na.me" ON "My schema"."T (x)" USING gist (n) WHERE (n > 1)',
    {
      ...{ isUnique: true, schema: 'My schema', name: 'Odd "na.me', table: '"My schema"."T (x)"' },
      sql: '"My schema"."Odd ""na.me"',
    },
  ],
])('%s names its index and its table', (definition, parts) => {
  expect(partsOfDefinition(definition)).toEqual(parts)
})

test.each([
  'DROP TABLE public.orders',
  'CREATE INDEX CONCURRENTLY a ON public.t USING btree (n)',
  'CREATE INDEX IF NOT EXISTS a ON public.t USING btree (n)',
  'CREATE INDEX a ON ONLY public.parts USING btree (n)',
  'CREATE INDEX a ON t USING btree (n)',
  'CREATE INDEX ON public.t USING btree (n)',
])('%s is none of an index that can be built anew', (definition) => {
  expect(partsOfDefinition(definition)).toBeUndefined()
})
