import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { QueryRow } from '../../../common/insight/queries-view.ts'
import { topQueriesAnswer } from '../../../common/insight/queries-view.ts'
import { eventsAnswer } from '../../../common/wire/events.ts'
import { queryCollector } from '../../../testbed/collector-api.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startAgent, startCollector } from '../../../testbed/pgherd.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../../testbed/victoria-metrics.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { runAgentctl } from '../../agentctl/run-agentctl.ts'

const statement = 'select pg_sleep(0.001), 1 as slow'
const day = 86_400_000

/** Executes the statement so often, with another constant, and gives how long each call took its client, in seconds, the shortest first. */
async function execute(
  server: PostgresServer,
  count: number,
  sleepSeconds: number,
): Promise<readonly number[]> {
  const sql = statement.replace('0.001', String(sleepSeconds))
  const seconds: number[] = []
  await withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
    for (let i = 0; i < count; i++) {
      const beganMs = performance.now()
      await client.query(sql)
      seconds.push((performance.now() - beganMs) / 1000)
    }
  })
  return seconds.sort((a, b) => a - b)
}

/** A week in which the statement took a millisecond, as an agent would have told it. */
function history(query: string): string {
  const nowMs = Date.now()
  const times = Array.from({ length: 2 * 7 * 24 }, (_, i) => nowMs - 7 * day + i * (day / 48))
  const series = { calls: 100, exec_time: 0.1, exec_time_squares: 0.000_11 }
  return Object.entries(series)
    .map(([name, each]) =>
      JSON.stringify({
        metric: {
          __name__: `pg_query_${name}`,
          ...{ cls: 'pg-main', ins: 'pg-main-1', datname: 'postgres', query },
          ...{ job: 'pgsql', ip: '127.0.0.1', instance: 'of-before' },
        },
        values: times.map((_, i) => i * each),
        timestamps: times,
      }),
    )
    .join('\n')
}

const stores = hasVictoriaMetrics() ? (['own', 'victoriametrics'] as const) : (['own'] as const)

test.each(stores)(
  'statements of a real server come with their calls, times, percentiles and texts, and one that became slower is told once (store: %s)',
  async (store) => {
    using home = createOwnDirectory({ prefix: 'pgherd-queries-' })
    await using engine = store === 'own' ? undefined : await startVictoriaMetrics(join(home.path, 'engine'))
    await using server = await startPostgres({ name: 'pg-main-1' })
    await server.query(`create role pgherd login password 'secret'; grant pg_monitor to pgherd`)
    await server.query('create extension if not exists pg_stat_statements')
    await execute(server, 1, 0.001)
    const [row] = await server.query<{ queryid: string }>(
      `select queryid::text from pg_stat_statements where query like '%as slow%' and query like 'select pg_sleep%'`,
    )
    const query = row!.queryid

    await using collector = await startCollector({
      directory: join(home.path, 'collector'),
      extraConfig: {
        'insight.regression_interval': '2s',
        'insight.regression_window': '40s',
        ...(engine === undefined
          ? {}
          : { 'store.kind': 'victoriametrics', 'store.victoriametrics.insert': [{ url: engine.url }] }),
      },
    })
    const imported = await fetch(`${collector.url}/api/v1/import`, { method: 'POST', body: history(query) })
    expect(imported.status).toBe(204)
    await using agent = await startAgent({
      directory: join(home.path, 'agent'),
      cluster: 'pg-main',
      seq: 1,
      postgresUrl: server.url('postgres', 'pgherd'),
      password: 'secret',
      collectorUrl: collector.url,
      interval: '2s',
      extraConfig: { 'scrape.timeout': '1500ms' },
    })
    const seen = async (expression: string): Promise<boolean> =>
      (await queryCollector(collector.url, expression)).length > 0
    const until = (what: string, met: () => Promise<boolean>): Promise<unknown> =>
      waitFor(what, met, { timeoutMs: 45_000, intervalMs: 250, explain: () => agent.logTail(20) })
    const top = async (fromMs: number): Promise<QueryRow | undefined> => {
      const range = `start=${fromMs / 1000}&limit=100`
      const answer = await fetch(`${collector.url}/api/v1/queries?cluster=pg-main&${range}`)
      return topQueriesAnswer.parse(await answer.json()).data.rows.find((one) => one.query === query)
    }
    const events = async () => {
      const answer = await fetch(`${collector.url}/api/v1/events?type=query-regressed`)
      return eventsAnswer.parse(await answer.json()).data
    }

    // One that was idle counts among the others until the look that finds it busy.
    await until('a series of its own', async () => {
      await execute(server, 20, 0.02)
      return seen(`pg_query_calls{query="${query}"}`)
    })
    const looks = async (): Promise<number> => {
      const [own] = await queryCollector(collector.url, 'pgherd_statements_looks_total')
      return own?.points[0]?.value ?? 0
    }
    const before = await looks()
    await until('all of that is counted', async () => (await looks()) >= before + 2)
    const fromMs = Date.now()
    const took = await execute(server, 150, 0.02)
    const counts: (number | undefined)[] = []
    await waitFor(
      '150 calls are counted',
      async () => {
        // A range has ten seconds at least.
        if (Date.now() - fromMs <= 10_000) return false
        counts.push((await top(fromMs))?.calls)
        return counts.at(-1) === 150
      },
      { timeoutMs: 45_000, intervalMs: 250, explain: () => `counted: ${[...new Set(counts)].join(' ')}` },
    )
    const found = (await top(fromMs))!
    const at = (part: number): number => took[Math.floor(part * took.length)]!
    expect(found).toMatchObject({ datname: 'postgres', servers: ['pg-main-1'] })
    // The client's time has the way to the server and back in it, and what others made this machine do.
    expect(found.meanSeconds).toBeGreaterThan(0.02)
    expect(found.meanSeconds).toBeLessThan(took.reduce((sum, one) => sum + one, 0) / took.length)
    expect(found.p50!.value).toBeGreaterThan(0.02)
    expect(found.p50!.value).toBeLessThan(at(0.75) * 1.1)
    expect(found.p95!.value).toBeGreaterThan(0.02)
    expect(found.p95!.value).toBeLessThan(took.at(-1)! * 1.25)
    expect(found.p95!.hi).toBeGreaterThanOrEqual(found.p95!.value)

    await until('its text', async () => (await top(fromMs))?.text === 'select pg_sleep($1), $2 as slow')
    await until('its text for boards', () =>
      seen(`pg_query_info{query="${query}", text="select pg_sleep($1), $2 as slow"}`),
    )
    const shown = await runAgentctl(['queries', 'show', query, '-c', 'pg-main'], { url: collector.url })
    expect(shown.out).toContain('select pg_sleep($1), $2 as slow')

    await until('that it is slower', async () => (await events()).length > 0)
    const [event] = await events()
    expect(event).toMatchObject({ node: 'pg-main-1', cluster: 'pg-main' })
    expect(event!.text).toMatch(
      new RegExp(
        `^statement ${query} of postgres takes longer: p95 1\\.\\d+ ms -> [2-9]\\d\\.?\\d* ms against its last week`,
      ),
    )
    await until('the mark on boards', () => seen(`pgherd_query_regression_ratio{query="${query}"} > 5`))
    // Boards are told each ten seconds, and it was looked at several times since.
    expect(await events()).toHaveLength(1)
  },
)
