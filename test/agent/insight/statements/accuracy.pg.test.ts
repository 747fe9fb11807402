import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { estimatePercentile } from '../../../../common/percentiles/estimate.ts'
import type { PercentileEstimate } from '../../../../common/percentiles/estimate.ts'
import type { Moments } from '../../../../common/percentiles/moments.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { withClient } from '../../../../testbed/postgres-client.ts'
import { percentileOf } from '../../../common/percentiles/durations.ts'
import { lookAt, prepare } from './looked-at.ts'
import type { Samples } from './looked-at.ts'
import { createRandom, distributions } from './random-durations.ts'

const clients = 24
const callsEach = 400
const quantiles = [0.5, 0.95, 0.99] as const
const names = ['p50', 'p95', 'p99'] as const

/** Bounds of estimate by truth for p50, p95 and p99, of the shapes with one hill that are no worse than what they are taken for. */
const expected: Readonly<Record<string, readonly (readonly [low: number, high: number])[]>> = {
  uniform: [
    [0.7, 1.15],
    [0.85, 1.25],
    // The longest call cuts it off, unless the machine has kept one waiting.
    [0.8, 1.5],
  ],
  exponential: [
    [0.8, 1.3],
    [0.75, 1.25],
    [0.65, 1.5],
  ],
  gamma_3: [
    [0.8, 1.2],
    [0.8, 1.2],
    [0.7, 1.4],
  ],
  lognormal_05: [
    [0.8, 1.2],
    [0.8, 1.25],
    [0.7, 1.4],
  ],
  lognormal_10: [
    [0.75, 1.4],
    [0.7, 1.35],
    [0.6, 1.6],
  ],
}

type Durations = Readonly<Record<string, readonly number[]>>

/** Calls a function of each distribution, mixed, and gives how long each call took its client, in seconds. */
async function call(server: PostgresServer): Promise<Durations> {
  const random = createRandom(2_463_534_242)
  const work = Object.entries(distributions).flatMap(([name, of]) =>
    Array.from({ length: callsEach }, () => ({ name, seconds: of(random), order: random() })),
  )
  work.sort((a, b) => a.order - b.order)
  const took = Object.fromEntries(Object.keys(distributions).map((name) => [name, [] as number[]]))
  const one = (): Promise<void> =>
    withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
      for (let next = work.pop(); next !== undefined; next = work.pop()) {
        const { name, seconds } = next
        const beganMs = performance.now()
        await client.query({ name, text: `select sleep_${name}($1)`, values: [seconds] })
        took[name]!.push((performance.now() - beganMs) / 1_000)
      }
    })
  await Promise.all(Array.from({ length: clients }, one))
  return took
}

/** How long each call took the server, in seconds, by its own log. */
function loggedDurations(server: PostgresServer): Durations {
  const lines = readFileSync(server.logFile, 'utf8').matchAll(
    /duration: ([\d.]+) ms {2}execute (\w+): select sleep_/g,
  )
  const byName = Map.groupBy(lines, ([, , name]) => name!)
  return Object.fromEntries([...byName].map(([name, of]) => [name, of.map(([, ms]) => Number(ms) / 1_000)]))
}

/** Moments of a query between two scrapes, as a store gives them. */
function between(before: Samples, after: Samples, queryid: string): Moments | undefined {
  const labels = `{datname=postgres,query=${queryid}}`
  const grown = (metric: string): number =>
    (after[`${metric}${labels}`] ?? 0) - (before[`${metric}${labels}`] ?? 0)
  const calls = grown('pg_query_calls')
  if (!(calls > 0)) return undefined
  const [sum, squares] = [grown('pg_query_exec_time'), grown('pg_query_exec_time_squares')]
  return { calls, sum, squares, max: after[`pg_query_exec_time_max${labels}`] }
}

/** As histogram_quantile() does. */
function histogramPercentile(samples: Samples, quantile: number): number {
  const buckets = Object.entries(samples).flatMap(([key, upTo]) => {
    const edge = /^pg_query_duration_seconds_bucket\{datname=postgres,le=(.+)\}$/.exec(key)?.[1]
    return edge === undefined ? [] : [{ edge: edge === '+Inf' ? Infinity : Number(edge), upTo }]
  })
  buckets.sort((a, b) => a.edge - b.edge)
  const wanted = quantile * buckets.at(-1)!.upTo
  const at = buckets.findIndex(({ upTo }) => upTo >= wanted)
  const { edge: low, upTo: below } = buckets[at - 1] ?? { edge: 0, upTo: 0 }
  const { edge: high, upTo } = buckets[at]!
  return low + ((high - low) * (wanted - below)) / (upTo - below)
}

interface Line {
  readonly name: string
  readonly estimates: readonly PercentileEstimate[]
  /** Percentiles as the server has logged the calls, and as their clients have measured them. */
  readonly logged: readonly number[]
  readonly measured: readonly number[]
}

function describeLine({ estimates, logged, measured }: Line): Readonly<Record<string, string>> {
  const ms = (seconds: number): string => (1_000 * seconds).toFixed(0)
  const [{ calls, cv } = { calls: 0, cv: null }] = estimates
  const columns: Record<string, string> = { calls: String(calls), cv: cv?.toFixed(2) ?? '' }
  for (const [i, { value, confidence }] of estimates.entries()) {
    const [server, client] = [logged[i]!, measured[i]!]
    columns[`${names[i]!} ms: estimate / log / client`] = [value, server, client].map(ms).join(' / ')
    columns[`${names[i]!} ratio`] = `${(value / server).toFixed(2)} ${confidence}`
  }
  return columns
}

test('percentiles of real calls are near what was measured where their shape allows it, and say where not', async () => {
  await using server = await startPostgres({ settings: { log_min_duration_statement: '0' } })
  await prepare(server)
  for (const name of Object.keys(distributions)) {
    await server.query(
      `create function sleep_${name}(float8) returns void language sql volatile as 'select pg_sleep($1)'`,
    )
  }
  const seen = lookAt(server)
  const looks: Samples[] = [await seen.look()]
  const measured = await call(server)
  looks.push(await seen.look())
  const logged = loggedDurations(server)

  const ids = await server.query<{ name: string; queryid: string }>(
    `select substring(query from 'sleep_(\\w+)') as name, queryid::text
       from pg_stat_statements
      where query ~ '^select sleep_'
      order by 1`,
  )
  const partsOf = (queryid: string): readonly Moments[] => [between(looks[0]!, looks[1]!, queryid)!]
  const lines = ids.map(({ name, queryid }): Line => ({
    name,
    estimates: quantiles.map((quantile) => estimatePercentile(partsOf(queryid), quantile)!),
    logged: quantiles.map((quantile) => percentileOf(logged[name]!, quantile)),
    measured: quantiles.map((quantile) => percentileOf(measured[name]!, quantile)),
  }))
  const all = ids.flatMap(({ queryid }) => partsOf(queryid))
  const together = {
    estimates: quantiles.map((quantile) => estimatePercentile(all, quantile)!),
    logged: quantiles.map((quantile) => percentileOf(Object.values(logged).flat(), quantile)),
    measured: quantiles.map((quantile) => percentileOf(Object.values(measured).flat(), quantile)),
  }
  const mixture: Line = { ...together, name: 'all together: mixture' }
  const histogram: Line = {
    ...together,
    name: 'all together: histogram',
    estimates: together.estimates.map((one, i) => ({
      ...one,
      value: histogramPercentile(looks[1]!, quantiles[i]!),
    })),
  }
  console.table(
    Object.fromEntries([...lines, mixture, histogram].map((line) => [line.name, describeLine(line)])),
  )

  for (const { name, estimates, ...truth } of lines) {
    for (const [i, { value, calls, lo, hi, confidence }] of estimates.entries()) {
      const true_ = truth.logged[i]!
      const what = `${name} ${names[i]!}: ${String(value)} of ${String(true_)}`
      expect(calls, what).toBe(callsEach)
      // Whatever the shape is. The log has the sending of the result in it.
      expect(true_ + 0.005, what).toBeGreaterThan(lo)
      expect(true_ - 0.005, what).toBeLessThan(hi)
      if (confidence === 'high') expect(Math.abs(Math.log2(value / true_)), what).toBeLessThan(1.1)
      const [low, high] = expected[name]?.[i] ?? [0, Infinity]
      expect(value / true_, what).toBeGreaterThan(low)
      expect(value / true_, what).toBeLessThan(high)
    }
  }
  for (const { name, estimates, ...truth } of [mixture, histogram]) {
    for (const [i, { value }] of estimates.entries()) {
      expect(value / truth.logged[i]!, `${name} ${names[i]!}`).toBeGreaterThan(0.7)
      expect(value / truth.logged[i]!, `${name} ${names[i]!}`).toBeLessThan(1.4)
    }
  }
  // Rare calls of another kind cannot be seen in two moments: what is said of them is not told as sure.
  expect(lines.find(({ name }) => name === 'rare_stalls')!.estimates[2]!.confidence).toBe('low')
})
