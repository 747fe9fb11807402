import { expect, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import { metricName } from '../../../agent/probes/definition.ts'
import { loadProbes } from '../../../agent/probes/load.ts'
import { createRowReader } from '../../../agent/probes/rows.ts'
import { systemClock } from '../../../common/clock.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { askAll, samplesOf } from './ask-probe.ts'

/** OID of text in pg_type. */
const textType = 25

const poolerProbes = (await loadProbes()).filter(({ tags }) => tags.includes('pgbouncer'))

function probesFor(version: number): typeof poolerProbes {
  return poolerProbes.filter(
    ({ minVersion, maxVersion }) => minVersion <= version && (maxVersion === 0 || version < maxVersion),
  )
}

test('a real pgBouncer gives what each probe for its version promises', async (context) => {
  if (findProgram('pgbouncer') === undefined) context.skip('pgBouncer is not installed')
  await using postgres = await startPostgres({ authentication: 'scram-sha-256' })
  await postgres.query(`create role app login password 'secret'`)
  await using pooler = await startPgbouncer({ postgres, settings: { default_pool_size: '1' } })
  await using session = createSession({ url: pooler!.adminUrl, console: true, clock: systemClock })
  await session.connect(2_000)
  const version = (await session.query({ text: 'SHOW VERSION' }, 1_000)).rows[0]?.[0]
  const [major, minor] = /(\d+)\.(\d+)/
    .exec(version ?? '')!
    .slice(1)
    .map(Number)
  const probes = probesFor(major! * 10_000 + minor! * 100)

  const app = { host: '127.0.0.1', port: pooler!.port, user: 'app', password: 'secret' }
  await withClient(app, (first) =>
    withClient(app, async (second) => {
      await first.query('begin')
      await first.query('select 1')
      const waiting = second.query('select 2')
      await waitFor('the second to wait for the only server', async () => {
        const { rows } = await session.query({ text: 'SHOW POOLS' }, 1_000)
        return rows.some((row) => row[0] === 'postgres' && row[3] === '1')
      })

      const answers = await askAll(session, probes)
      const samples = samplesOf(answers)
      expect(samples).toMatchObject({
        'pgbouncer_list_items{list=databases}': 2,
        [`pgbouncer_database_pool_size{datname=postgres,host=127.0.0.1,port=${postgres.port},real_datname=postgres}`]: 1,
        [`pgbouncer_database_paused{datname=postgres,host=127.0.0.1,port=${postgres.port},real_datname=postgres}`]: 0,
        'pgbouncer_pool_active_clients{datname=postgres,pool_mode=transaction,user=app}': 1,
        'pgbouncer_pool_waiting_clients{datname=postgres,pool_mode=transaction,user=app}': 1,
        'pgbouncer_pool_active_servers{datname=postgres,pool_mode=transaction,user=app}': 1,
        'pgbouncer_config_value{key=max_client_conn}': 200,
        'pgbouncer_config_value{key=default_pool_size}': 1,
        'pgbouncer_config_value{key=query_wait_timeout}': 120,
        'pgbouncer_mem_items_used{name=server_cache}': 1,
        'pgbouncer_server_count{addr=127.0.0.1,datname=postgres,state=active,user=app}': 1,
        'pgbouncer_client_count{datname=postgres,state=waiting,user=app}': 1,
      })
      // Its own check of a new server may count too.
      expect(samples['pgbouncer_stat_total_query_count{datname=postgres}']).toBeGreaterThanOrEqual(2)
      // Microseconds there, seconds here.
      expect(samples['pgbouncer_stat_total_wait_time{datname=postgres}']).toBeLessThan(5)
      for (const { probe, samples: own } of answers.values()) {
        const names = new Set(Object.keys(own).map((key) => key.replace(/\{.*/, '')))
        const promised = probe.columns
          .filter(({ usage }) => usage !== 'LABEL' && usage !== 'DISCARD')
          .map((column) => metricName(probe, column))
        expect([...names].sort(), probe.branch).toEqual(promised.sort())
      }
      // Text among the settings is no number, and none of it becomes a sample.
      expect(Object.keys(samples).filter((key) => /auth_query|admin_users/.test(key))).toEqual([])

      await first.query('commit')
      await waiting
    }),
  )
})

test('every version from 1.8 on has exactly one branch of each family', () => {
  for (const minor of [8, 9, 10, 12, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25]) {
    const names = probesFor(10_000 + minor * 100).map(({ name }) => name)
    expect(names.sort(), `1.${minor}`).toEqual([
      'pgbouncer_client',
      'pgbouncer_config',
      'pgbouncer_database',
      'pgbouncer_list',
      'pgbouncer_mem',
      'pgbouncer_pool',
      'pgbouncer_server',
      'pgbouncer_stat',
    ])
  }
})

/**
 * Columns that the documentation of other versions gives, of which no pooler can be had here: the oldest supported
 * version and 1.24.
 */
const documented = [
  {
    version: 10_800,
    family: 'pgbouncer_database',
    columns:
      'name host port database force_user pool_size reserve_pool pool_mode max_connections current_connections paused disabled',
  },
  {
    version: 10_800,
    family: 'pgbouncer_pool',
    columns:
      'database user cl_active cl_waiting sv_active sv_idle sv_used sv_tested sv_login maxwait maxwait_us pool_mode',
  },
  {
    version: 12_400,
    family: 'pgbouncer_database',
    columns:
      'name host port database force_user pool_size min_pool_size reserve_pool_size server_lifetime pool_mode load_balance_hosts ' +
      'max_connections current_connections max_client_connections current_client_connections paused disabled',
  },
  {
    version: 12_400,
    family: 'pgbouncer_stat',
    columns:
      'database total_server_assignment_count total_xact_count total_query_count total_received total_sent total_xact_time ' +
      'total_query_time total_wait_time total_client_parse_count total_server_parse_count total_bind_count ' +
      'avg_server_assignment_count avg_xact_count avg_query_count avg_recv avg_sent avg_xact_time avg_query_time avg_wait_time ' +
      'avg_client_parse_count avg_server_parse_count avg_bind_count',
  },
  {
    version: 12_400,
    family: 'pgbouncer_pool',
    columns:
      'database user cl_active cl_waiting cl_active_cancel_req cl_waiting_cancel_req sv_active sv_active_cancel ' +
      'sv_being_canceled sv_idle sv_used sv_tested sv_login maxwait maxwait_us pool_mode load_balance_hosts',
  },
]

test.each(documented)('$family reads what version $version documents', ({ version, family, columns }) => {
  const probe = probesFor(version).find(({ name }) => name === family)!
  const names = columns.split(' ')
  const read = createRowReader(probe)
  const [table] = read({
    columns: names.map((name) => ({ name, typeId: textType })),
    rows: [names.map((_, i) => String(i))],
  })
  expect(table?.metrics.length).toBe(probe.columns.filter(({ usage }) => usage !== 'LABEL').length)
  expect(table?.rows[0]?.values).not.toContain(undefined)
})
