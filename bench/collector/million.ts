import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { quantile } from '../agent-cost/measure.ts'
import { createFleet } from './fleet.ts'
import { createClient } from './http-post.ts'
import type { Client } from './http-post.ts'
import type { BenchOptions } from './options.ts'
import { cpuSeconds, memoryMib } from './process-figures.ts'
import { createEncode, write } from './send.ts'
import { startServer } from './servers.ts'
import { samplesPerRequest } from './workloads.ts'

const intervalMs = 10_000
const dashboardsEveryMs = 10_000

/** What the dashboards of a few people ask: some servers in detail, and the fleet as a whole. */
const dashboards: readonly { readonly expression: string; readonly rangeMs?: number }[] = [
  ...[0, 3, 77].map((cluster) => ({
    expression: `sum by (ins) (rate(pg_table_idx_scan{cls="pg-${cluster}"}[1m]))`,
    rangeMs: 3_600_000,
  })),
  { expression: 'topk(10, rate(pg_table_tup_upd{ins="pg-5-1"}[1m]))', rangeMs: 3_600_000 },
  { expression: 'max by (relname) (pg_table_relsize{cls="pg-9"})', rangeMs: 3_600_000 },
  { expression: 'sum(rate(pg_table_idx_scan{cls=~"pg-1[0-9]"}[5m]))', rangeMs: 3_600_000 },
  { expression: 'pg_table_n_dead_tup{ins="pg-42-2"} > 1000' },
  { expression: 'count by (cls) (pg_table_seq_scan)' },
]

/**
 * A million active series with a sample each every ten seconds, spread over that time as many agents do, while dashboards
 * ask. Tells whether everything was taken in time, what that cost, and whether every sample is there.
 * @returns whether it held
 */
export async function runMillion(directory: string, options: BenchOptions): Promise<boolean> {
  await using server = await startServer('pgherd', join(directory, 'pgherd'))
  using client = createClient(server.url)
  console.log(`making ${options.series} series`)
  const groups = createFleet(options.series, samplesPerRequest)
  const encode = createEncode(options.compression)
  const rounds = Math.round((options.minutes * 60_000) / intervalMs)
  const requestMs: number[] = []
  const queryMs: number[] = []
  const lag = { mostMs: 0 }
  const stop = new AbortController()
  const asking = askDashboards(server.url, queryMs, stop.signal)
  const startMs = Math.ceil(Date.now() / intervalMs) * intervalMs
  const cpuBefore = cpuSeconds(server.pid)
  const waiting = new Set<Promise<void>>()
  for (let round = 0; round < rounds; round++) {
    for (const [i, group] of groups.entries()) {
      const dueMs = startMs + (round + i / groups.length) * intervalMs
      if (Date.now() < dueMs) await sleep(dueMs - Date.now())
      while (waiting.size >= 16) await Promise.race(waiting)
      lag.mostMs = Math.max(lag.mostMs, Date.now() - dueMs)
      group.advance()
      const body = encode(group, startMs + round * intervalMs)
      const startedMs = performance.now()
      const one: Promise<void> = write(client, body).then(() => {
        requestMs.push(performance.now() - startedMs)
        waiting.delete(one)
      })
      waiting.add(one)
    }
    if ((round + 1) % 6 === 0) tellProgress(round + 1, server.pid, lag.mostMs, requestMs, queryMs)
  }
  await Promise.all(waiting)
  const seconds = (Date.now() - startMs) / 1000
  stop.abort()
  await asking
  const sent = rounds * options.series
  const found = await countSamples(client, rounds)
  const { resident, peak } = memoryMib(server.pid)
  const sorted = requestMs.sort((a, b) => a - b)
  const sortedQueries = queryMs.sort((a, b) => a - b)
  const held = found === sent && lag.mostMs < intervalMs
  console.table({
    'active series': options.series,
    'samples sent': sent,
    'samples found': found,
    'samples per second': Math.round(sent / seconds),
    'most behind ms': Math.round(lag.mostMs),
    'CPU cores': ((cpuSeconds(server.pid) - cpuBefore) / seconds).toFixed(2),
    'request p50 ms': quantile(sorted, 0.5).toFixed(1),
    'request p99 ms': quantile(sorted, 0.99).toFixed(1),
    queries: queryMs.length,
    'query p50 ms': quantile(sortedQueries, 0.5).toFixed(1),
    'query p99 ms': quantile(sortedQueries, 0.99).toFixed(1),
    'resident MiB': Math.round(resident),
    'peak MiB': Math.round(peak),
  })
  console.log(
    `${held ? 'PASS' : 'FAIL'}  ${options.series} active series for ${options.minutes} minutes, none lost`,
  )
  return held
}

function tellProgress(
  rounds: number,
  pid: number,
  lagMs: number,
  requestMs: readonly number[],
  queryMs: readonly number[],
): void {
  const { resident, peak } = memoryMib(pid)
  const p99 = (values: readonly number[]): string =>
    quantile(
      values.toSorted((a, b) => a - b),
      0.99,
    ).toFixed(0)
  console.log(
    `${(rounds * intervalMs) / 60_000} min: resident ${resident.toFixed(0)} MiB, peak ${peak.toFixed(0)}, most behind ${lagMs.toFixed(0)} ms, ` +
      `requests p99 ${p99(requestMs)} ms, queries p99 ${p99(queryMs)} ms`,
  )
}

async function askDashboards(url: string, queryMs: number[], signal: AbortSignal): Promise<void> {
  using client = createClient(url)
  while (!signal.aborted) {
    const nowSeconds = Date.now() / 1000
    await Promise.all(
      dashboards.map(async ({ expression, rangeMs }) => {
        const parameters = new URLSearchParams({ query: expression, time: String(nowSeconds) })
        if (rangeMs !== undefined) {
          parameters.set('start', String(nowSeconds - rangeMs / 1000))
          parameters.set('end', String(nowSeconds))
          parameters.set('step', '15')
        }
        const startedMs = performance.now()
        const { status, body } = await client.get(
          `/api/v1/${rangeMs === undefined ? 'query' : 'query_range'}?${parameters.toString()}`,
        )
        if (status !== 200)
          throw new Error(`a query was answered ${status}: ${body.toString().slice(0, 300)}`)
        queryMs.push(performance.now() - startedMs)
      }),
    )
    await sleep(Math.max(0, dashboardsEveryMs - (Date.now() - nowSeconds * 1000)), undefined, {
      signal,
    }).catch(() => undefined)
  }
}

const counted = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/** Samples of all series, a cluster after the other: a query over all of them would be over the limits. */
async function countSamples(client: Client, rounds: number): Promise<number> {
  const names = z
    .object({ data: z.array(z.string()) })
    .parse(await json(client, '/api/v1/label/__name__/values'))
    .data.filter((name) => name.startsWith('pg_table_'))
  let found = 0
  const windowSeconds = Math.ceil((rounds * intervalMs) / 1000) + 600
  for (const name of names) {
    for (let digit = 0; digit < 10; digit++) {
      const expression = `sum(count_over_time(${name}{relname=~".*${digit}"}[${windowSeconds}s]))`
      const { data } = counted.parse(
        await json(client, `/api/v1/query?${new URLSearchParams({ query: expression }).toString()}`),
      )
      for (const { value } of data.result) found += Number(value[1])
    }
  }
  return found
}

async function json(client: Client, path: string): Promise<unknown> {
  const { status, body } = await client.get(path)
  if (status !== 200) throw new Error(`${path} was answered ${status}: ${body.toString().slice(0, 300)}`)
  return JSON.parse(body.toString('utf8'))
}
