import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import {
  comparedQueriesAnswer,
  foundQueriesAnswer,
  topQueriesAnswer,
} from '../../common/insight/queries-view.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import type { CollectorProcess } from '../../testbed/pgherd.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { settled } from './engine-settled.ts'

/*
 * The same samples of statements in the collector's own store and in a VictoriaMetrics: what is asked about statements has the
 * same answers from both, and they are what was counted.
 */
const sampleMs = 10_000
const count = 360
const endMs = Math.floor((Date.now() - 600_000) / 60_000) * 60_000
const startMs = endMs - count * sampleMs

/** A counter of a statement by its value at each measurement. */
function line(name: string, query: string, server: string, valueAt: (i: number) => number): string {
  const indexes = Array.from({ length: count + 1 }, (_, i) => i)
  return JSON.stringify({
    metric: {
      __name__: `pg_query_${name}`,
      cls: 'pg-main',
      ins: server,
      ip: '10.0.0.1',
      instance: `${server}:5432`,
      job: 'pgsql',
      datname: 'app',
      query,
    },
    values: indexes.map(valueAt),
    timestamps: indexes.map((i) => startMs + i * sampleMs),
  })
}

/** `perSample` calls of `seconds` with a standard deviation of a tenth of it, in each interval; the agent began anew after `resetAt`. */
function statement(query: string, server: string, perSample: number, seconds: number, resetAt = Infinity) {
  const at = (i: number): number => (i >= resetAt ? i - resetAt : i) * perSample
  return [
    line('calls', query, server, at),
    line('exec_time', query, server, (i) => at(i) * seconds),
    line('exec_time_squares', query, server, (i) => at(i) * seconds ** 2 * 1.01),
    line('rows', query, server, (i) => at(i) * 2),
    line('sblk_hit', query, server, (i) => at(i) * 9),
    line('sblk_read', query, server, at),
    line('exec_time_max', query, server, () => seconds * 1.5),
  ]
}

const series = [
  ...statement('-11', 'pg-main-1', 10, 0.02),
  ...statement('-11', 'pg-main-2', 5, 0.1),
  ...statement('22', 'pg-main-1', 1, 1, 100),
  ...statement('other', 'pg-main-1', 40, 0.001),
]

async function ask<T>(collector: CollectorProcess, path: string, schema: z.ZodType<{ data: T }>): Promise<T> {
  const answer = await fetch(`${collector.url}/api/v1/${path}`)
  expect(answer.status, path).toBe(200)
  return schema.parse(await answer.json()).data
}

const range = `start=${startMs / 1000}&end=${endMs / 1000}`

async function answersOf(collector: CollectorProcess, engineUrl?: string) {
  const body = `${series.join('\n')}\n`
  const imported = await fetch(`${collector.url}/api/v1/import`, { method: 'POST', body })
  expect(imported.status).toBe(204)
  if (engineUrl !== undefined) await settled(collector.url, engineUrl)
  const half = (startMs + endMs) / 2000
  return {
    top: await ask(collector, `queries?cluster=pg-main&${range}`, topQueriesAnswer),
    byP99: await ask(collector, `queries?${range}&sort=p99&limit=1`, topQueriesAnswer),
    one: await ask(collector, `queries/-11?${range}`, foundQueriesAnswer),
    compared: await ask(
      collector,
      `queries/compare?before_start=${startMs / 1000}&before_end=${half}&start=${half}&end=${endMs / 1000}`,
      comparedQueriesAnswer,
    ),
  }
}

test.skipIf(!hasVictoriaMetrics())(
  'calls, times and percentiles of statements are what was counted, from either store',
  async () => {
    using home = createOwnDirectory({ prefix: 'pgherd-statements-' })
    await using engine = await startVictoriaMetrics(join(home.path, 'engine'))
    await using own = await startCollector({ directory: join(home.path, 'own') })
    await using external = await startCollector({
      directory: join(home.path, 'external'),
      extraConfig: {
        'store.kind': 'victoriametrics',
        'store.victoriametrics.insert': [{ url: engine.url }],
      },
    })
    for (const [collector, url] of [[own], [external, engine.url]] as const) {
      const { top, byP99, one, compared } = await answersOf(collector, url)
      expect(top.rows.map(({ query, calls }) => [query, calls])).toEqual([
        // What the last interval before the agent began anew had counted is the only thing that is lost.
        ['22', count - 1],
        ['-11', count * 15],
      ])
      const both = top.rows.find(({ query }) => query === '-11')
      expect(both!.timeSeconds).toBeCloseTo(count * (10 * 0.02 + 5 * 0.1), 6)
      expect(both!.p50!.value).toBeGreaterThan(0.018)
      expect(both!.p50!.value).toBeLessThan(0.022)
      expect(both!.p95!.value).toBeGreaterThan(0.1)
      expect(both!.p95!.value).toBeLessThan(0.13)
      expect(both!.p99!.hi).toBeCloseTo(0.15, 9)
      expect(top.others).toMatchObject([{ query: 'other', calls: count * 40 }])
      expect(byP99.rows.map(({ query }) => query)).toEqual(['22'])
      expect(one.found[0]!.byServer.map(({ server, calls }) => [server, calls])).toEqual([
        ['pg-main-1', count * 10],
        ['pg-main-2', count * 5],
      ])
      expect(one.found[0]!.trend.reduce((sum, { calls }) => sum + calls, 0)).toBe(count * 15)
      const change = compared.rows.find(({ query }) => query === '-11')!
      expect([change.before.calls, change.after.calls]).toEqual([(count / 2) * 15, (count / 2) * 15])
    }
  },
)
