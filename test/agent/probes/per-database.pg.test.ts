import { describe, expect, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import type { Session } from '../../../agent/postgres/session.ts'
import { metricName } from '../../../agent/probes/definition.ts'
import { systemClock } from '../../../common/clock.ts'
import { allPostgresMajors, findPostgres } from '../../../testbed/postgres-binaries.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { askAll, databaseProbes, samplesOf } from './ask-probe.ts'
import { prepareDatabase, shop } from './prepared-database.ts'

async function connect(server: PostgresServer): Promise<Session> {
  const session = createSession({ url: server.url(shop, 'pgherd'), clock: systemClock })
  await session.connect(5_000)
  return session
}

/** Of what a server without a subscription has none of. */
const withoutRows = new Set(['pg_subrel'])

/** A whole server with a filled database is more than a busy machine does in the usual time. */
const slow = { timeout: 90_000 }

describe.each(allPostgresMajors)('in a database of PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined

  test.skipIf(!installed)(
    'a role with nothing but pg_monitor gets what each probe promises',
    slow,
    async () => {
      await using server = await startPostgres({ major, settings: { track_functions: 'all' } })
      await prepareDatabase(server)
      await using session = await connect(server)
      const probes = (await databaseProbes(major)).filter(
        // This build of 10 comes with control files of 13, which it cannot read.
        ({ branch }) => major > 10 || branch !== 'pg_database_extension_update',
      )

      const first = await askAll(session, probes)
      // What it may not see is told by a predicate, which names the remedy; nothing fails.
      const skipped = probes.filter(({ branch }) => !first.has(branch))
      expect(skipped.map(({ branch }) => branch)).toEqual([
        'pg_seq_value',
        'pg_seq_exhaustion',
        'pg_table_bloat',
        'pg_index_bloat',
      ])
      const samples = samplesOf(first)
      expect(samples).toMatchObject(expected(major))
      // The other one has an index.
      expect(Object.keys(samples).filter((key) => key.startsWith('pg_fkey_unindexed'))).toHaveLength(1)
      const oldest = Object.keys(samples).filter((key) => key.startsWith('pg_table_wraparound_xid_age{'))
      expect(oldest).toHaveLength(32)
      expect(oldest.filter((key) => key.includes('toast=yes'))).not.toEqual([])
      const outdated = Object.keys(samples).filter(
        (key) => key.startsWith('pg_database_extension_outdated') && samples[key] === 1,
      )
      expect(outdated).toEqual(
        major === 10 ? [] : [expect.stringContaining('datname=shop,extname=pg_stat_statements') as string],
      )
      expect(
        Object.keys(samples).filter(
          (key) => key.includes('_hidden.') && !key.startsWith('pg_table_wraparound'),
        ),
      ).toEqual([])
      expect(Object.values(samples)).not.toContain(NaN)
      for (const { probe, rows, samples: own } of first.values()) {
        const names = new Set(Object.keys(own).map((key) => key.replace(/\{.*/, '')))
        if (withoutRows.has(probe.branch)) continue
        expect(rows, probe.branch).toBeGreaterThan(0)
        const promised = probe.columns
          .filter(({ usage }) => usage === 'GAUGE' || usage === 'COUNTER')
          .map((column) => metricName(probe, column))
        expect([...names].sort(), probe.branch).toEqual(promised.sort())
      }

      // The tables of each publication are those that the server would send.
      const publications = await server.query<{ pubname: string; count: string }>(
        `select pubname, (select count(*) from pg_get_publication_tables(pubname::text)) as count from pg_publication`,
        undefined,
        shop,
      )
      for (const { pubname, count } of publications) {
        expect(samples[`pg_pubrel_count{datname=shop,pubname=${pubname}}`], pubname).toBe(Number(count))
      }

      const grants = skipped.flatMap(({ predicates }) => predicates.map(({ grant }) => grant))
      for (const grant of new Set(grants))
        await server.query(grant!.replace('{role}', 'pgherd'), undefined, shop)
      const granted = await askAll(session, probes)
      expect(probes.filter(({ branch }) => !granted.has(branch)).map(({ branch }) => branch)).toEqual([
        'pg_table_bloat_fixed',
        'pg_index_bloat_fixed',
      ])
      const more = samplesOf(granted)
      expect(more).toMatchObject({
        'pg_seq_last_value{datname=shop,seqname=public.account_id_seq}': 20_000,
        'pg_seq_last_value{datname=shop,seqname=public.countdown}': -500,
        'pg_seq_last_value{datname=shop,seqname=app.invoice}': 1,
        // Its column holds no more than 2^31 - 1, whatever the sequence could.
        'pg_seq_exhaustion_ratio{datname=shop,seqname=public.ticket_id_seq}': expect.closeTo(
          0.9,
          6,
        ) as number,
        'pg_seq_exhaustion_ratio{datname=shop,seqname=public.countdown}': expect.closeTo(0.4995, 3) as number,
        'pg_table_bloat_ratio{datname=shop,relname=public.receipt}': expect.closeTo(0.5, 1) as number,
        'pg_table_bloat_ratio{datname=shop,relname=public.account}': expect.closeTo(0, 1) as number,
        'pg_index_bloat_ratio{datname=shop,relname=public.account_name}': expect.closeTo(0.25, 0) as number,
      })
      expect(more).not.toHaveProperty('pg_seq_last_value{datname=shop,seqname=public.untouched}')
    },
  )
})

function expected(major: number): Readonly<Record<string, unknown>> {
  const never = 0
  const number = expect.any(Number) as number
  const now = expect.closeTo(Date.now() / 1000, -2) as number
  return {
    'pg_table_kind{datname=shop,relname=public.account}': 114,
    'pg_table_kind{datname=shop,relname=public.grades}': 109,
    'pg_table_kind{datname=shop,relname=public.event}': 112,
    'pg_table_ncols{datname=shop,relname=public.account}': 3,
    'pg_table_tuples{datname=shop,relname=public.account}': 20_000,
    'pg_table_n_tup_ins{datname=shop,relname=public.account}': 20_000,
    'pg_table_n_tup_del{datname=shop,relname=public.receipt}': 20_000,
    'pg_table_n_tup_mod{datname=shop,relname=public.receipt}': 60_000,
    'pg_table_n_live_tup{datname=shop,relname=public.receipt}': 20_000,
    'pg_table_n_dead_tup{datname=shop,relname=public.receipt}': 0,
    'pg_table_vacuum_count{datname=shop,relname=public.account}': 1,
    'pg_table_age{datname=shop,relname=public.account}': number,
    'pg_table_vacuum_last_vacuum_time{datname=shop,relname=public.account}': now,
    'pg_table_vacuum_last_autovacuum_time{datname=shop,relname=public.account}': never,
    'pg_table_vacuum_dead_ratio{datname=shop,relname=public.account}': 0,
    'pg_table_toast_blks_hit{datname=shop,relname=public.document}': number,
    'pg_index_invalid_count{datname=shop}': 1,
    'pg_index_invalid_bytes{datname=shop,idxname=public.pair_n,relname=public.pair}': number,
    'pg_index_unused_bytes{datname=shop,idxname=public.account_name,relname=public.account}': number,
    'pg_fkey_unindexed_bytes{conname=receipt_account_id_fkey,datname=shop,relname=public.receipt}': number,
    'pg_func_calls{datname=shop,funcname=public.work}': 20,
    'pg_seq_blks_hit{datname=shop,seqname=public.account_id_seq}': number,
    'pg_relkind_count{datname=shop,relkind=m}': 1,
    'pg_relation_count{datname=shop,persistence=unlogged,relkind=r}': 1,
    'pg_database_extension_info{datname=shop,extname=pg_stat_statements,version=1.4}': 1,
    'pg_pubrel_count{datname=shop,pubname=accounts}': 2,
    ...(major >= 11 && { 'pg_defpart_tuples{datname=shop,relname=public.event_rest}': 500 }),
  }
}
