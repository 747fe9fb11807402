import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DropRecord } from '../../../../agent/actions/indexes/ledger-record.ts'
import { tellingLedger } from '../../../../agent/actions/indexes/telling-ledger.ts'
import { carriedArguments } from '../../../../agentctl/indexes/kept-indexes.ts'
import type { KeptIndex, SavedIndexReport } from '../../../../common/insight/saved-index.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { refusalOf, startIndexHost } from './index-host.ts'

const id = '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c'

describe.each([14, 18] as const)('on PostgreSQL %d, an index that another member has dropped', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major })
    await server.query('create database shop')
    await server.query(
      `create table notes (id int, n int, note text);
       insert into notes select i, i % 100, 'note ' || i from generate_series(1, 2000) i`,
      [],
      'shop',
    )
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const there = async () =>
    (
      await server.query(
        `select indisvalid as valid, pg_get_indexdef(indexrelid) as definition, obj_description(indexrelid) as comment,
                indisclustered as clustered,
                (select json_agg(attstattarget order by attnum) from pg_attribute
                  where attrelid = indexrelid and attstattarget >= 0) as targets,
                (select count(*)::int from pg_stats where tablename = 'notes_lower_idx') as statistics
           from pg_index where indexrelid = to_regclass('public.notes_lower_idx')`,
        [],
        'shop',
      )
    )[0]

  test('is built as it was from what its command carries, and the ledger here knows it from then on', async () => {
    await server.query(
      `create index notes_lower_idx on notes (lower(note), n) with (fillfactor = 71) where n > 10;
       comment on index notes_lower_idx is 'of the ''old'' report \\ and more';
       alter index notes_lower_idx alter column 1 set statistics 321`,
      [],
      'shop',
    )
    await server.query('cluster notes using notes_lower_idx', [], 'shop').catch(() => undefined)
    await server.query('analyze notes', [], 'shop')
    const before = await there()
    const old = await startIndexHost(server)
    const told: SavedIndexReport[] = []
    const ledger = tellingLedger(old.work.ledger, (_, report) => void told.push(report))
    await old.run('index-drop', { index: 'public.notes_lower_idx', database: 'shop' })
    await ledger.note(old.records()[0] as DropRecord)
    expect(await there()).toBeUndefined()

    const fresh = await startIndexHost(server)
    const kept: KeptIndex = { cluster: 'pg-test', server: 'pg-test-2', ...told[0]!, id }
    const args = carriedArguments(kept)
    expect(await refusalOf(fresh, 'index-restore', { saved: id })).toContain('NOT_FOUND')
    const plan = await fresh.plan('index-restore', args)
    expect(plan).toContain('this host has not dropped it: what it is built of is in the command')
    expect(plan).toContain(`runs: CREATE INDEX CONCURRENTLY notes_lower_idx ON public.notes`)
    const restored = await fresh.run('index-restore', args)
    expect(restored.message).toMatch(/^Built public\.notes_lower_idx anew in/)
    expect(restored.verified).toContain('valid and as it was')
    expect(await there()).toEqual(before)
    expect(fresh.records()).toMatchObject([{ id, state: 'restored', server: 'pg-test-1' }])
    expect(await refusalOf(fresh, 'index-restore', args)).toMatch(
      /REFUSED: .* there is an index public\.notes_lower_idx again/,
    )
  })

  test.each([
    ['DROP TABLE public.notes', /BAD_REQUEST: definition is none of a plain index/],
    // One statement at a time is all that the server is sent.
    [
      'CREATE INDEX evil_idx ON public.notes USING btree (n); DROP TABLE public.notes',
      /cannot insert multiple commands into a prepared statement/,
    ],
    ['CREATE INDEX evil_idx ON public.nowhere USING btree (n)', /its table public\.nowhere is gone/],
  ])('is not built where %s is carried', async (definition, why) => {
    const host = await startIndexHost(server)
    const args = { saved: id, database: 'shop', definition }
    expect(await refusalOf(host, 'index-restore', args)).toMatch(why)
    expect(await server.query(`select to_regclass('public.notes') is not null as there`, [], 'shop')).toEqual(
      [{ there: true }],
    )
    expect(await server.query(`select from pg_class where relname = 'evil_idx'`, [], 'shop')).toEqual([])
  })

  test('takes the whole id of its drop', async () => {
    const host = await startIndexHost(server)
    const definition = 'CREATE INDEX a ON public.notes USING btree (n)'
    expect(
      await refusalOf(host, 'index-restore', { saved: 'public.a', database: 'shop', definition }),
    ).toContain('allowed with definition: the whole id of its drop')
  })
})
