import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../../../collector/fleet/migrations.ts'
import { createSavedBook } from '../../../../collector/insight/indexes/saved-book.ts'
import type { SavedIndexReport } from '../../../../common/insight/saved-index.ts'

const report: SavedIndexReport = {
  ...{ id: 'a', state: 'dropping', startedMs: 1_000, message: 'it is being dropped' },
  index: {
    ...{
      system: '7',
      database: 'shop',
      schema: 'public',
      name: 'i',
      sql: 'public.i',
      oid: '1',
      table: 'public.t',
    },
    ...{
      tableOid: '2',
      definition: 'CREATE INDEX i ON public.t USING btree (n)',
      comment: null,
      tablespace: '',
    },
    ...{ statistics: [], isUnique: false, isClustered: false, isReplicaIdentity: false, isValid: true },
    ...{ hasExpressions: false, sizeBytes: 8192 },
  },
}

function openBook() {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  migrate(database, ':memory:')
  const book = createSavedBook(database)
  let id = 0
  return {
    book,
    tell: (
      body: unknown,
      about: { readonly server?: string; readonly cluster?: string; readonly atMs?: number } = {},
    ): void => {
      const { server = 'pg-main-1', cluster = 'pg-main', atMs = 1_000 } = about
      book.take({ id: String(id++), server, cluster, topic: 'saved-index', atMs, body }, server)
    },
  }
}

test('a drop is kept as it was told last, by whichever member', () => {
  const { book, tell } = openBook()
  tell(report)
  tell({ ...report, state: 'dropped' }, { atMs: 2_000 })
  tell({ ...report, state: 'restored' }, { atMs: 9_000, server: 'pg-main-2' })
  // What the old primary had not told yet comes when it is back.
  tell({ ...report, state: 'dropped' }, { atMs: 3_000 })
  expect(book.list('pg-main')).toMatchObject([{ id: 'a', state: 'restored', server: 'pg-main-2' }])
  expect(book.list('pg-main')[0]?.index.definition).toBe('CREATE INDEX i ON public.t USING btree (n)')
})

test('clusters are told apart, and the newest drop comes first', () => {
  const { book, tell } = openBook()
  tell(report)
  tell({ ...report, id: 'b', startedMs: 5_000 })
  tell({ ...report, id: 'a' }, { cluster: 'pg-test', server: 'pg-test-1' })
  expect(book.list('pg-main').map(({ id }) => id)).toEqual(['b', 'a'])
  expect(book.list('pg-test').map(({ id }) => id)).toEqual(['a'])
  expect(book.list('none')).toEqual([])
})

test('of each cluster the newest two thousand are kept', () => {
  const { book, tell } = openBook()
  for (let i = 0; i < 2_003; i++) tell({ ...report, id: `d${i}`, startedMs: i })
  const kept = book.list('pg-main')
  expect(kept).toHaveLength(2_000)
  expect(kept.at(-1)?.id).toBe('d3')
})

test('what is no saved index is refused for good', () => {
  const { tell } = openBook()
  expect(() => tell({ ...report, index: {} })).toThrow(/saved index: /)
})
