import { setTimeout as sleep } from 'node:timers/promises'
import { queryCollector } from '../../testbed/collector-api.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { cpuMs, memoryOf } from './process-cost.ts'
import type { Memory } from './process-cost.ts'
import { serverTimeOf, spent } from './server-time.ts'

/** What one process cost per scrape while it was watched. */
export interface Cost {
  readonly name: string
  readonly memory: Memory
  /** The most that was resident at one of the looks, one a second. */
  readonly mostResident: number
  readonly cpuMs: number
}

export interface Watched {
  readonly costs: readonly Cost[]
  readonly seconds: number
  /** Per scrape, of the role that was watched too. */
  readonly server: { readonly statementsMs: number; readonly cpuMs: number } | undefined
}

/** Watches processes, and what a role costs a server, for a while. */
export async function watch(options: {
  readonly processes: readonly { readonly name: string; readonly pid: number }[]
  readonly role?: { readonly server: PostgresServer; readonly name: string }
  readonly seconds: number
  readonly intervalMs: number
}): Promise<Watched> {
  const { processes, role } = options
  const serverBefore = role === undefined ? undefined : await serverTimeOf(role.server, role.name)
  const startedMs = performance.now()
  const before = processes.map(({ pid }) => cpuMs(pid))
  const most = processes.map(() => 0)
  while (performance.now() - startedMs < options.seconds * 1000) {
    await sleep(Math.min(1000, Math.max(1, options.seconds * 1000 - (performance.now() - startedMs))))
    for (const [i, { pid }] of processes.entries()) most[i] = Math.max(most[i]!, memoryOf(pid).resident)
  }
  const after = processes.map(({ pid }) => cpuMs(pid))
  const elapsedMs = performance.now() - startedMs
  const scrapes = elapsedMs / options.intervalMs
  const server =
    role === undefined || serverBefore === undefined
      ? undefined
      : spent(serverBefore, await serverTimeOf(role.server, role.name))
  return {
    costs: processes.map(({ name, pid }, i) => ({
      name,
      memory: memoryOf(pid),
      mostResident: most[i]!,
      cpuMs: (after[i]! - before[i]!) / scrapes,
    })),
    seconds: elapsedMs / 1000,
    server:
      server === undefined
        ? undefined
        : { statementsMs: server.statementsMs / scrapes, cpuMs: server.cpuMs / scrapes },
  }
}

/**
 * Series that are there now, by the labels asked for (their values with a space between), without those that tell of
 * the scrape itself.
 */
export async function seriesBy(
  collectorUrl: string,
  labels: readonly string[],
  selector: string,
): Promise<ReadonlyMap<string, number>> {
  const answer = await queryCollector(
    collectorUrl,
    `count by (${labels.join()}) ({${selector}, __name__!~"up|scrape_.+|pgherd_.+"})`,
  )
  return new Map(
    answer.map(({ metric, points }) => [
      labels.map((label) => metric[label] ?? '').join(' '),
      points[0]?.value ?? 0,
    ]),
  )
}

/** The values of a series over the last seconds, smallest first; of all series that match together. */
export async function lately(
  collectorUrl: string,
  selector: string,
  seconds: number,
): Promise<readonly number[]> {
  const answer = await queryCollector(collectorUrl, `${selector}[${Math.ceil(seconds)}s]`)
  return answer.flatMap(({ points }) => points.map(({ value }) => value)).sort((a, b) => a - b)
}

/** The value below which a share of the sorted values lies; NaN of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
