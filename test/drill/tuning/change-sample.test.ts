import { expect, test } from 'vitest'
import { spanBetween } from '../../../agent/tuning/change/guard/guard-span.ts'
import { readSample } from '../../../agent/tuning/change/guard/read-sample.ts'
import { postgresMajors, startPostgres, startStandby } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { openForTest } from '../../agent/actions/action-context.ts'

const all = ['errors', 'requestedCheckpoints', 'rollbacks', 'tempBytes', 'transactions']

test.each(postgresMajors)(
  'PostgreSQL %i tells a role of pg_monitor all that a guard looks at',
  async (major) => {
    await using postgres = await startPostgres({ major })
    await postgres.query('create extension pg_stat_statements')
    await postgres.query('create role watcher login in role pg_monitor')
    const session = await openForTest(postgres.url('postgres', 'watcher'))()
    const before = await readSample(session, 1_000, undefined)
    expect(Object.keys(before.counters)).toEqual(expect.arrayContaining(all))
    expect(before.gauges).toMatchObject({ activeSessions: 0 })
    expect(before.workStartMs).toBeGreaterThanOrEqual(before.serverStartMs)
    const key = await postgres.query('select 41 + 1').then(async () => {
      const [row] = await postgres.query(
        `select dbid || ':' || queryid as key from pg_stat_statements where query like 'select $1 + $2%'`,
      )
      return String(row?.['key'])
    })
    await postgres.query('checkpoint')
    await postgres.query('select from no_such_table').catch(() => undefined)
    await waitFor('the server to count it', async () => {
      const span = spanBetween(before, await readSample(session, 2_000, [key]))
      return span.counters['requestedCheckpoints'] === 1 && span.counters['rollbacks'] === 1
    })
    await postgres.query('select 7 + 8')
    const after = await readSample(session, 3_000, [key])
    expect(Object.entries(after.statements)).toEqual([[key, [2, expect.any(Number)]]])
  },
)

test('without pg_stat_statements there are no statements', async () => {
  await using postgres = await startPostgres({ settings: { shared_preload_libraries: '' } })
  const session = await openForTest(postgres.url())()
  expect((await readSample(session, 1, undefined)).statements).toEqual({})
})

test('a primary and a standby tell how far replay is behind', async () => {
  await using primary = await startPostgres()
  await using standby = await startStandby(primary)
  const of = async (one: typeof primary) => (await readSample(await openForTest(one.url())(), 1, [])).gauges
  expect(await of(standby)).toMatchObject({ lagBytes: expect.any(Number) as unknown })
  await primary.query('create table small ()')
  await waitFor('the standby to have it', async () => {
    const [row] = await standby.query(`select to_regclass('small') is not null as there`)
    return row?.['there'] === true
  })
  await standby.query('select pg_wal_replay_pause()')
  await primary.query('create table big as select generate_series(1, 20000) as n')
  await waitFor('the standby to be behind', async () => ((await of(standby))['lagBytes'] ?? 0) > 500_000)
  await waitFor('the primary to say so', async () => ((await of(primary))['lagBytes'] ?? 0) > 500_000)
  expect((await of(standby))['lagSeconds']).toBeGreaterThan(0)
})
