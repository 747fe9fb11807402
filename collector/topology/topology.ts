import type { Clock } from '../../common/clock.ts'
import type { ClusterView } from '../../common/health/cluster-view.ts'
import type { HealthMessage, InstanceHealth } from '../../common/health/instance-health.ts'
import type { SeenFailover } from './cluster-history.ts'
import { createClusterWatch } from './cluster-watch.ts'
import type { ClusterWatch } from './cluster-watch.ts'
import type { NewEvent } from '../../common/wire/events.ts'
import { createReportBook } from './report-book.ts'

/** What the collector makes of all reports: the clusters now, and what happens to them. */
export interface Topology {
  /** A node's channel is there; `ip` is its address for others. */
  connected(hello: { readonly node: string; readonly ip: string }): void
  take(node: string, message: HealthMessage): void
  /** The channel of a node has ended. */
  away(node: string): void
  /** Judged at this moment, by name. */
  clusters(): readonly ClusterView[]
  /** As they were judged last, which is when something has changed, in no order. */
  lastViews(): readonly ClusterView[]
  cluster(name: string): ClusterView | undefined
  /** A fresh report tells of it, so that its changes become events here. */
  watches(server: string): boolean
  /** Judges what has changed until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  stats(): { readonly servers: number; readonly clusters: number; readonly refusedReports: number }
}

export interface TopologyOptions {
  readonly clock: Clock
  /** Whether a node is one of the fleet's; reports of others are forgotten. */
  readonly isKnownNode: (node: string) => boolean
  /** Whether a node may say something of a server. */
  readonly mayReport: (node: string, health: InstanceHealth) => boolean
  readonly add: (event: NewEvent) => void
  /** Those of a cluster before it is looked at for the first time, also of earlier processes, oldest first. */
  readonly failoversBefore: (cluster: string) => readonly SeenFailover[]
  readonly maxServers?: number
}

/** Reports that come at one time, as of all members of a cluster, are judged together. */
const lookEveryMs = 200
const sweepEveryMs = 400
/** After its start the agents come back, which makes nobody a new member. */
const beginningMs = 120_000

export function createTopology(options: TopologyOptions): Topology {
  const { clock, add } = options
  const book = createReportBook(clock, options.maxServers)
  const watches = new Map<string, ClusterWatch>()
  const startedAt = clock.monotonic()
  const isBeginning = (): boolean => clock.monotonic() - startedAt < beginningMs
  const addresses = new Map<string, string>()
  let foreign = 0
  let dirty = new Set<string>()
  let sweptAt = startedAt

  const mark = (clusters: ReadonlySet<string>): void => {
    for (const cluster of clusters) dirty.add(cluster)
  }
  const look = (cluster: string): ClusterView | undefined => {
    const reports = book.reports(cluster)
    let watch = watches.get(cluster)
    if (reports.length === 0 && watch === undefined) return undefined
    if (watch === undefined) {
      watch = createClusterWatch(cluster, isBeginning, options.failoversBefore(cluster))
      watches.set(cluster, watch)
    }
    for (const event of watch.look(reports, clock.now())) add(event)
    const { view } = watch
    if (reports.length === 0) watches.delete(cluster)
    return reports.length === 0 ? undefined : view
  }
  const lookAtAll = (): void => {
    if (clock.monotonic() - sweptAt >= sweepEveryMs) {
      sweptAt = clock.monotonic()
      mark(book.sweep(options.isKnownNode))
    }
    const clusters = dirty
    dirty = new Set()
    for (const cluster of clusters) {
      look(cluster)
      if (watches.get(cluster)?.isPending === true) dirty.add(cluster)
    }
  }

  return {
    connected: ({ node, ip }) => void addresses.set(node, ip),
    take(node, message) {
      const servers = message.servers.filter((health) => options.mayReport(node, health))
      foreign += message.servers.length - servers.length
      mark(book.take({ node, ip: addresses.get(node) ?? '' }, { ...message, servers }))
    },
    away(node) {
      addresses.delete(node)
      mark(book.away(node))
    },
    clusters: () => [...book.clusters()].sort().flatMap((cluster) => look(cluster) ?? []),
    lastViews: () => [...watches.values()].flatMap(({ view }) => view ?? []),
    cluster: look,
    watches: (server) => book.has(server),
    async run(signal) {
      while (!signal.aborted) {
        lookAtAll()
        await clock.sleep(lookEveryMs, signal)
      }
    },
    stats: () => ({ servers: book.size, clusters: watches.size, refusedReports: book.refused + foreign }),
  }
}
