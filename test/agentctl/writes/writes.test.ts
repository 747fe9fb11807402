import { describe, expect, test } from 'vitest'
import { runAgentctl } from '../run-agentctl.ts'
import { collectorWith, grown, steady } from './stored-writes.ts'
import type { Hour } from './stored-writes.ts'

const mb = 1024 * 1024
const table = (relname: string) => ({ datname: 'shop', relname })
const index = (relname: string, idxname: string) => ({ datname: 'shop', relname, idxname })

/** An hour in which pg-main-1 wrote 600 MB; one sample a minute, of which 60 lie within the hour. */
const wrote: readonly Hour[] = [
  steady('pg_in_recovery', 0),
  steady('pg_in_recovery', 1, { ins: 'pg-main-2' }),
  steady('pg_in_recovery', 0, { cls: 'pg-other', ins: 'pg-other-1' }),
  grown('pg_wal_bytes', 600 * mb),
  grown('pg_wal_fpi', 50_000),
  grown('pg_wal_records', 2_000_000),
  steady('instance:pg_wal_bytes:rate5m', (600 * mb) / 3600),
  steady('instance:pg_wal_fpi_bytes:rate5m', (360 * mb) / 3600),
  grown('pg_checkpointer_timed', 4),
  grown('pg_checkpointer_req', 16),
  steady('pg_setting_checkpoint_timeout', 300),
  steady('pg_setting_checkpoint_completion_target', 0.9),
  steady('pg_setting_max_wal_size', 64 * mb),
  grown('pg_checkpointer_buffers_written', 6_000),
  grown('pg_bgwriter_buffers_clean', 1_000),
  grown('pg_io_writes', 3_000, { type: 'client backend', object: 'relation', context: 'normal' }),
  grown('pg_query_wal_bytes', 300 * mb, { datname: 'shop', query: '-77' }),
  grown('pg_query_wal_fpi', 20_000, { datname: 'shop', query: '-77' }),
  grown('pg_query_calls', 10_000, { datname: 'shop', query: '-77' }),
  grown('pg_query_wal_bytes', 30 * mb, { datname: 'shop', query: 'other' }),
  steady('table:pg_wal_bytes:rate5m', (120 * mb) / 3600, table('public.churn')),
  grown('pg_table_n_tup_ins', 0, table('public.churn')),
  grown('pg_table_n_tup_upd', 10_000, table('public.churn')),
  grown('pg_table_n_tup_hot_upd', 1_000, table('public.churn')),
  grown('pg_table_n_tup_newpage_upd', 8_000, table('public.churn')),
  grown('pg_table_n_tup_del', 0, table('public.churn')),
  steady('pg_table_n_live_tup', 9_000, table('public.churn')),
  steady('pg_table_n_dead_tup', 1_000, table('public.churn')),
  steady('pg_table_write_fillfactor', 100, table('public.churn')),
  steady('pg_table_write_row_bytes', 200, table('public.churn')),
  steady('table:pg_wal_bytes:rate5m', (90 * mb) / 3600, table('public.journal')),
  grown('pg_table_n_tup_ins', 50_000, table('public.journal')),
  ...(
    [
      ['churn_pkey', 60, 5_000, 0],
      ['churn_at', 60, 0, 1],
      ['churn_who', 40, 0, 1],
      ['churn_unique', 20, 0, 0],
      ['churn_state', 60, 0, 1],
    ] as const
  ).flatMap(([name, megabytes, scans, optional]) => {
    const labels = index('public.churn', `public.${name}`)
    return [
      steady('index:pg_wal_bytes:rate5m', (megabytes * mb) / 3600, labels),
      steady('pg_index_write_pages', 1_280, labels),
      steady('pg_index_write_scans', scans, labels),
      steady('pg_index_write_optional', optional, labels),
    ]
  }),
  // A standby is asked by it.
  steady('pg_index_idx_scan', 70, { ins: 'pg-main-2', ...index('public.churn', 'public.churn_state') }),
]

const text = { cluster: 'pg-main', datname: 'shop', query: '-77', text: 'UPDATE churn\n  SET at = at + $1' }
const texts = { 'GET /api/v1/queries/texts': () => [text] }

interface Shown {
  readonly tables: readonly { readonly table: string; readonly walBytes: number }[]
  readonly advice: readonly {
    readonly what: string
    readonly commands: readonly string[]
    readonly savesBytes: number
  }[]
}

async function shown(series: readonly Hour[]): Promise<Shown> {
  const { url } = await collectorWith(series, texts)
  return JSON.parse((await runAgentctl(['-o', 'json', 'writes', 'pg-main'], { url })).out) as Shown
}

const without = (name: RegExp): readonly Hour[] => wrote.filter((one) => !name.test(one.name))

describe('agentctl writes', () => {
  test('is one screen: how much, who, and what to do', async () => {
    const { url } = await collectorWith(wrote, texts)
    const { out, error } = await runAgentctl(['writes', 'pg-main'], { url, width: 110 })
    expect(error).toBeUndefined()
    expect(out).toMatchInlineSnapshot(`
      "pg-main-1, primary of pg-main: what it wrote in the last 1h00m

      WAL          600MB, 171kB/s; 50000 full-page images, about 60 % of the bytes
      checkpoints  4 when due, 16 requested, one in 3m00s (checkpoint_timeout 5m00s, max_wal_size 64MB)
      buffers      10000 written: checkpoints 60 %, background writer 10 %, sessions 30 %

      STATEMENT  DATABASE    WAL     %  FULL PAGES  CALLS  A CALL  TEXT
      -77        shop      300MB  50.0       20000  10000    31kB  UPDATE churn SET at = at + $1
      other      shop       30MB   5.0           0      0

      TABLE           DATABASE    WAL     %  OF INDEXES  INSERTED  UPDATED  IN PLACE  DELETED  DEAD
      public.churn    shop      360MB  60.0       240MB         0    10000      10 %        0  10 %
      public.journal  shop       90MB  15.0         0kB     50000        0                  0

      INDEX                OF             WAL     %  SIZE               SCANS
      public.churn_at      public.churn  60MB  10.0  10MB               never
      public.churn_who     public.churn  40MB   6.7  10MB               never
      public.churn_pkey    public.churn  60MB  10.0  10MB                5000
      public.churn_state   public.churn  60MB  10.0  10MB                  70
      public.churn_unique  public.churn  20MB   3.3  10MB  none, a constraint

      What to do, what saves most first:
      1. Raise max_wal_size from 64MB to 1GB: 16 of 20 checkpoints were requested before they were due.
         There was one in 3min, where checkpoint_timeout is 5min; after each, the first change of every page logs
         the whole page, about 360MB, 60 % of the WAL. More WAL is kept on disk, and a recovery after a crash takes
         longer.
         agentctl tune advise pg-main-1
      2. Look whether 2 indexes that nobody scans can go: public.churn_at, public.churn_who.
         Writing them made about 100MB, 17 % of the WAL, and no member of pg-main has scanned them since its
         statistics were reset. Updates of their columns can be in place without them.
         agentctl index list pg-main --finding unused
      3. Look which of the 5 indexes of public.churn have columns that updates change (2 of them are never scanned):
         only where none has is an update in place. Then leave room in its pages: ALTER TABLE public.churn SET
         (fillfactor = 90); it holds for new pages, and for all after a rewrite.
         10 % of 10000 updates left the indexes alone; the others wrote each of them, about 240MB, 40 % of the WAL.
         For 8000 of them there was no room in the page.
         agentctl index list pg-main --database shop
      4. See whether statement -77 has to write so much, or so often.
         It made about 300MB, 50 % of the WAL in 10000 calls.
         agentctl queries show -77 -c pg-main"
    `)
    expect(out.split('\n').length).toBeLessThanOrEqual(40)
  })

  test('bytes of tables are parts of what the server counted, whatever the window of the rules reaches beyond', async () => {
    const { tables } = await shown(wrote)
    expect(tables.map(({ table: name, walBytes }) => [name, Math.round(walBytes / mb)])).toEqual([
      ['public.churn', 120],
      ['public.journal', 90],
    ])
  })

  test('an index that a standby scans, one that a constraint needs and one of use are not called unused', async () => {
    const { advice } = await shown(wrote)
    const unused = advice.find(({ what }) => what.includes('nobody scans'))
    expect(unused?.what).toContain('2 indexes that nobody scans can go: public.churn_at, public.churn_who.')
    expect(Math.round(unused!.savesBytes / mb)).toBe(100)
  })

  test('checkpoints that are due change nothing', async () => {
    const { advice } = await shown([...without(/^pg_checkpointer_req$/), grown('pg_checkpointer_req', 0)])
    expect(advice.filter(({ what }) => /max_wal_size|checkpoint/.test(what)).map(({ what }) => what)).toEqual(
      [expect.stringMatching(/^Raise checkpoint_timeout from 5min to 15min/)],
    )
  })

  test('a table of which updates had no room, and whose only index is its key, is told a fill factor', async () => {
    const alone = wrote.filter(({ labels }) => !/churn_(at|who|unique|state)/.test(labels?.['idxname'] ?? ''))
    const { advice } = await shown(alone)
    expect(advice.map(({ what }) => what)).toContainEqual(
      'Leave room for updates in the pages of public.churn: ALTER TABLE public.churn SET (fillfactor = 90); it holds for new pages, and for all after a rewrite.',
    )
  })

  test('without estimates and without statistics of statements it says where they come from', async () => {
    const { url } = await collectorWith(without(/^(table|index|instance):|^pg_query/))
    const { out } = await runAgentctl(['writes', 'pg-main'], { url })
    expect(out).toContain('Nothing is estimated of tables and indexes yet')
    expect(out).toContain('Statements are told with pg_stat_statements')
  })

  test('where nothing stands out it says so', async () => {
    const quiet = [
      ...without(/^(table|index):|^pg_query|^pg_checkpointer_req|^instance:pg_wal_fpi/),
      steady('instance:pg_wal_fpi_bytes:rate5m', 1),
    ]
    const { url } = await collectorWith(quiet)
    expect((await runAgentctl(['writes', 'pg-main'], { url })).out).toContain('Nothing stands out')
  })

  test('before PostgreSQL 14 the position of the WAL says how much there was', async () => {
    const { url } = await collectorWith([
      ...without(/^pg_wal_|^instance:pg_wal_fpi/),
      { name: 'pg_lsn', from: 5 * mb, to: 105 * mb },
    ])
    const { out } = await runAgentctl(['writes', 'pg-main'], { url })
    expect(out).toMatch(/^WAL +100MB, 28kB\/s$/m)
  })

  test('a cluster without a primary, or that is not there, is an error that says what to do', async () => {
    const { url } = await collectorWith([steady('pg_in_recovery', 1)])
    const none = await runAgentctl(['writes', 'pg-main'], { url })
    expect(none.error).toMatchObject({
      exit: 1,
      message: 'pg-main has no primary now; name a server with --server',
    })
    const unknown = await runAgentctl(['writes', 'pg-mian'], { url })
    expect(unknown.error).toMatchObject({ exit: 1, message: expect.stringContaining('pg-main') as string })
  })

  test('each command that it advises is one of agentctl, with its flags', async () => {
    const { advice } = await shown(wrote)
    const commands = advice.flatMap((one) => one.commands)
    expect(commands.length).toBeGreaterThan(3)
    for (const command of commands) {
      const [, ...words] = command.split(' ')
      const { out, error } = await runAgentctl([...words, '--help'])
      expect(error, command).toBeUndefined()
      for (const flag of words.filter((word) => /^--?[a-z]/.test(word))) expect(out, command).toContain(flag)
    }
  })

  test('tsv has a row for each writer', async () => {
    const { url } = await collectorWith(wrote, texts)
    const { out } = await runAgentctl(['-o', 'tsv', 'writes', 'pg-main'], { url })
    expect(out.split('\n')).toHaveLength(1 + 2 + 2 + 5)
    expect(out).toContain(`table\tshop\tpublic.churn\t\t${120 * mb}`)
  })
})
