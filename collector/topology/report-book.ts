import type { Clock } from '../../common/clock.ts'
import type { HealthMessage, InstanceHealth } from '../../common/health/instance-health.ts'
import { createClockOffset } from './clock-offset.ts'
import type { ClockOffset } from './clock-offset.ts'
import { staleAfterMs } from './report.ts'
import type { Report } from './report.ts'

/** The latest report of each server. */
export interface ReportBook {
  /** @returns the clusters that it is about */
  take(from: { readonly node: string; readonly ip: string }, message: HealthMessage): ReadonlySet<string>
  /** The node's channel has ended: what it said is not of now, until it says something again. */
  away(node: string): ReadonlySet<string>
  clusters(): Iterable<string>
  /** Of one cluster; times as they are on the wall clock now. */
  reports(cluster: string): readonly Report[]
  has(server: string): boolean
  /** Forgets what is silent for a day, and what `isKnown` does not know; returns what has changed by time alone. */
  sweep(isKnown: (node: string) => boolean): ReadonlySet<string>
  readonly size: number
  /** Reports that were not taken: too many servers, or of a server that reports by itself. */
  readonly refused: number
}

interface Entry {
  readonly node: string
  readonly ip: string
  readonly health: InstanceHealth
  /** On the monotonic clock, which a leap of the other does not make younger. */
  observedAt: number
  readonly skewMs: number
  isAway: boolean
  wasStale: boolean
}

/** As many as one collector looks after. */
const defaultMaxServers = 20_000
const forgetAfterMs = 24 * 3_600_000

export function createReportBook(clock: Clock, maxServers = defaultMaxServers): ReportBook {
  const byCluster = new Map<string, Map<string, Entry>>()
  const byServer = new Map<string, Entry>()
  const offsets = new Map<string, ClockOffset>()
  let refused = 0

  const isStale = ({ isAway, observedAt }: Pick<Entry, 'isAway' | 'observedAt'>): boolean =>
    isAway || clock.monotonic() - observedAt > staleAfterMs
  const put = (entry: Entry): void => {
    const { server, cluster } = entry.health
    byServer.set(server, entry)
    const entries = byCluster.get(cluster) ?? new Map<string, Entry>()
    byCluster.set(cluster, entries.set(server, entry))
  }
  const remove = ({ health: { server, cluster } }: Entry): void => {
    byServer.delete(server)
    const entries = byCluster.get(cluster)
    entries?.delete(server)
    if (entries?.size === 0) byCluster.delete(cluster)
  }
  /** Who runs beside a server knows best; else whoever reported it first, as long as it does. */
  const mayTell = (node: string, server: string, known: Entry | undefined): boolean =>
    known === undefined
      ? byServer.size < maxServers
      : known.node === node || server === node || isStale(known)

  return {
    take({ node, ip }, { nowMs, servers, unchanged = [] }) {
      const arrivedAt = clock.monotonic()
      let offset = offsets.get(node)
      if (offset === undefined) offsets.set(node, (offset = createClockOffset()))
      const { skewMs, delayMs } = offset.note(nowMs, clock.now())
      const touched = new Set<string>()
      for (const health of servers) {
        const { server, cluster } = health
        const known = byServer.get(server)
        if (!mayTell(node, server, known)) {
          refused++
          continue
        }
        if (known !== undefined && known.health.cluster !== cluster) {
          touched.add(known.health.cluster)
          remove(known)
        }
        // The observation may be older than the message: the agent's cycle was held up.
        const observedAt = arrivedAt - delayMs - Math.max(0, nowMs - health.atMs)
        const wasStale = isStale({ isAway: false, observedAt })
        put({ node, ip, health, observedAt, skewMs, isAway: false, wasStale })
        touched.add(cluster)
      }
      for (const { server, atMs } of unchanged) {
        const entry = byServer.get(server)
        // After `away` a whole report comes first: what the node said before may have changed meanwhile.
        if (entry === undefined || entry.node !== node || entry.isAway) continue
        entry.observedAt = Math.max(entry.observedAt, arrivedAt - delayMs - Math.max(0, nowMs - atMs))
        if (entry.wasStale && !isStale(entry)) touched.add(entry.health.cluster)
        entry.wasStale = isStale(entry)
      }
      return touched
    },
    away(node) {
      offsets.delete(node)
      const touched = new Set<string>()
      for (const entry of byServer.values()) {
        if (entry.node !== node || entry.isAway) continue
        entry.isAway = true
        touched.add(entry.health.cluster)
      }
      return touched
    },
    clusters: () => byCluster.keys(),
    reports(cluster) {
      const wallMs = clock.now()
      const at = clock.monotonic()
      return [...(byCluster.get(cluster)?.values() ?? [])].map(
        ({ node, ip, health, observedAt, skewMs, isAway }) => ({
          node,
          ip,
          health,
          observedMs: wallMs - (at - observedAt),
          skewMs,
          isAway,
        }),
      )
    },
    has: (server) => {
      const entry = byServer.get(server)
      return entry !== undefined && !isStale(entry)
    },
    sweep(isKnown) {
      const touched = new Set<string>()
      for (const entry of byServer.values()) {
        const isOver = clock.monotonic() - entry.observedAt > forgetAfterMs || !isKnown(entry.node)
        if (isOver) remove(entry)
        if (isOver || isStale(entry) !== entry.wasStale) touched.add(entry.health.cluster)
        entry.wasStale = isStale(entry)
      }
      return touched
    },
    get size() {
      return byServer.size
    },
    get refused() {
      return refused
    },
  }
}
