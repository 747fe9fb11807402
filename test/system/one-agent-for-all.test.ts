import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { queryCollector } from '../../testbed/collector-api.ts'
import { findProgram } from '../../testbed/find-program.ts'
import { startPgbouncer } from '../../testbed/pgbouncer.ts'
import { startAgent, startCollector } from '../../testbed/pgherd.ts'
import { startPostgres, startStandby } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'

const extra = (value: number | string): string =>
  `pg_extra: { query: select ${value} as value, tags: [cluster], metrics: [{ value: { usage: GAUGE } }] }\n`

test.skipIf(findProgram('pgbouncer') === undefined)(
  'one agent measures several servers, a pooler and the host, and takes changed probes on SIGHUP',
  async () => {
    await using stack = new AsyncDisposableStack()
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-system-'))
    stack.defer(() => rmSync(directory, { recursive: true, force: true }))
    const primary = stack.use(await startPostgres())
    await primary.query(`create role pgherd login password 'secret'; grant pg_monitor to pgherd`)
    const standby = stack.use(await startStandby(primary, { name: 'pg-sys-2' }))
    const pooler = stack.use(
      (await startPgbouncer({ postgres: primary, settings: { stats_users: 'pgherd' } }))!,
    )
    const probes = join(directory, 'probes')
    mkdirSync(probes)
    writeFileSync(join(probes, 'own.yml'), extra(1))
    const collector = stack.use(await startCollector({ directory: join(directory, 'collector') }))
    const agent = stack.use(
      await startAgent({
        directory: join(directory, 'agent'),
        cluster: 'pg-sys',
        seq: 1,
        postgresUrl: 'postgres://nobody@127.0.0.1:1/nowhere',
        password: 'secret',
        collectorUrl: collector.url,
        interval: '1s',
        extraConfig: {
          'scrape.timeout': '900ms',
          'postgres.more_probes': probes,
          servers: [
            { url: primary.url('postgres', 'pgherd') },
            { url: standby.url('postgres', 'pgherd'), seq: 2 },
          ],
          poolers: [{ url: `postgres://pgherd@127.0.0.1:${pooler.port}/pgbouncer` }],
        },
      }),
    )
    const valueOf = async (expression: string): Promise<number | undefined> =>
      (await queryCollector(collector.url, expression))[0]?.points[0]?.value
    await waitFor('all are up', async () => (await valueOf('count(up{cls="pg-sys"} == 1)')) === 5)
    expect(await valueOf('pg_in_recovery{ins="pg-sys-1"}')).toBe(0)
    expect(await valueOf('pg_in_recovery{ins="pg-sys-2"}')).toBe(1)
    expect(await valueOf(`pgbouncer_up{instance="127.0.0.1:${pooler.port}"}`)).toBe(1)
    expect(await valueOf('count(pgbouncer_stat_total_query_count)')).toBeGreaterThan(0)
    await waitFor('the additional probe', async () => (await valueOf('sum(pg_extra_value)')) === 2)

    writeFileSync(join(probes, 'own.yml'), extra(7))
    process.kill(agent.pid, 'SIGHUP')
    await waitFor('the changed probe', async () => (await valueOf('sum(pg_extra_value)')) === 14, {
      explain: () => agent.logTail(40),
    })

    writeFileSync(join(probes, 'own.yml'), 'pg_extra: [')
    process.kill(agent.pid, 'SIGHUP')
    await waitFor('the complaint', () => agent.logTail(50).includes('those read before stay in force'))
    expect(await valueOf('sum(pg_extra_value)')).toBe(14)
  },
  60_000,
)
