import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { inTransaction } from '../../common/in-transaction.ts'
import { allowedSkewMs } from '../../common/command/payload.ts'
import { serversMessage } from '../../common/wire/channel.ts'
import type { NodeView } from '../../common/wire/nodes.ts'

/** A node as the fleet knows it; role, up and last sample come from the metrics, breaks from the audit. */
export type KnownNode = Omit<NodeView, 'role' | 'up' | 'lastSampleMs' | 'auditBreaks'>

/** How an agent introduces itself. */
export interface NodeHello {
  readonly node: string
  readonly cluster: string
  readonly ip: string
  readonly version: string
  /** The agent's clock, milliseconds since the epoch. */
  readonly nowMs: number
}

export interface Nodes {
  /**
   * Stores what an agent says about itself; it is connected from now on. A node that is known already connects
   * also when nothing can be stored, as on a full disk: what was known about it stays.
   * @throws PgherdError REFUSED when the fleet has no room for one more, DISK_FULL when a new node cannot be stored
   */
  hello(hello: NodeHello): void
  /** A sign of life. Kept in memory and written every half a minute, because every agent gives one every few seconds. */
  seen(node: string): void
  gone(node: string): void
  /** What commands can name on a node; stored when it is new. */
  setServers(node: string, servers: NodeView['servers']): void
  /** Connected nodes whose clock differs by more than `allowedSkewMs`. */
  skewed(): number
  has(node: string): boolean
  /** By name. */
  list(): KnownNode[]
  /** Writes the signs of life that are only in memory. */
  flush(): void
}

/** Far above what one collector carries; it bounds what a flood of invented names can cost. */
const maxNodes = 10_000
const flushEveryMs = 30_000

const storedNode = z.object({
  node: z.string(),
  cluster: z.string(),
  ip: z.string(),
  version: z.string(),
  first_seen_ms: z.number(),
  last_seen_ms: z.number(),
  clock_skew_ms: z.number(),
  servers: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(serversMessage.shape.servers),
})
type StoredNode = z.infer<typeof storedNode>

/** Smaller changes of the skew are the network's. */
const skewStepMs = 1_000

export function openNodes(database: DatabaseSync, clock: Clock): Nodes {
  const upsert = database.prepare(
    `INSERT INTO nodes (node, cluster, ip, version, first_seen_ms, last_seen_ms, clock_skew_ms)
     VALUES (:node, :cluster, :ip, :version, :nowMs, :nowMs, :skewMs)
     ON CONFLICT (node) DO UPDATE SET
       cluster = excluded.cluster,
       ip = excluded.ip,
       version = excluded.version,
       last_seen_ms = excluded.last_seen_ms,
       clock_skew_ms = excluded.clock_skew_ms`,
  )
  const touch = database.prepare(
    'UPDATE nodes SET last_seen_ms = :nowMs WHERE node = :node AND last_seen_ms < :nowMs',
  )
  const selectAll = database.prepare('SELECT * FROM nodes ORDER BY node')
  const storeServers = database.prepare('UPDATE nodes SET servers = :servers WHERE node = :node')
  const names = new Map<string, StoredNode>()
  for (const row of selectAll.all()) {
    const stored = storedNode.parse(row)
    names.set(stored.node, stored)
  }
  const connected = new Set<string>()
  const lastSeen = new Map<string, number>()
  let flushedAt = clock.monotonic()

  const flush = () => {
    flushedAt = clock.monotonic()
    if (lastSeen.size === 0) return
    inTransaction(database, () => {
      for (const [node, nowMs] of lastSeen) touch.run({ node, nowMs })
    })
    for (const [node, nowMs] of lastSeen) {
      const known = names.get(node)
      if (known !== undefined) names.set(node, { ...known, last_seen_ms: nowMs })
    }
    lastSeen.clear()
  }

  return {
    hello({ node, cluster, ip, version, nowMs: agentNowMs }) {
      if (!names.has(node) && names.size >= maxNodes) {
        throw new PgherdError('REFUSED', `the fleet has ${maxNodes} nodes, no more are taken`)
      }
      const nowMs = clock.now()
      const skewMs = Math.round(agentNowMs - nowMs)
      const known = names.get(node)
      const said = { node, cluster, ip, version, last_seen_ms: nowMs, clock_skew_ms: skewMs }
      names.set(node, { first_seen_ms: nowMs, servers: [], ...known, ...said })
      connected.add(node)
      lastSeen.set(node, nowMs)
      // A whole fleet that connects anew says what is known already: a thousand syncs of the disk for nothing.
      if (known !== undefined && saysTheSame(known, said)) return
      try {
        upsert.run({ node, cluster, ip, version, nowMs, skewMs })
        lastSeen.delete(node)
      } catch (error) {
        if (known !== undefined) return
        names.delete(node)
        connected.delete(node)
        lastSeen.delete(node)
        throw new PgherdError('DISK_FULL', `the fleet's state cannot be written: ${messageOf(error)}`, {
          cause: error,
        })
      }
    },
    setServers(node, servers) {
      const known = names.get(node)
      if (known === undefined || JSON.stringify(known.servers) === JSON.stringify(servers)) return
      names.set(node, { ...known, servers })
      storeServers.run({ node, servers: JSON.stringify(servers) })
    },
    skewed: () => {
      let count = 0
      for (const node of connected) if (isSkewed(names.get(node)?.clock_skew_ms ?? 0)) count++
      return count
    },
    seen(node) {
      if (!names.has(node)) return
      lastSeen.set(node, clock.now())
      if (clock.monotonic() - flushedAt >= flushEveryMs) flush()
    },
    gone(node) {
      connected.delete(node)
    },
    has: (node) => names.has(node),
    list: () =>
      [...names.values()]
        .sort((a, b) => (a.node < b.node ? -1 : 1))
        .map((stored) => ({
          node: stored.node,
          cluster: stored.cluster,
          ip: stored.ip,
          version: stored.version,
          connected: connected.has(stored.node),
          firstSeenMs: stored.first_seen_ms,
          lastSeenMs: lastSeen.get(stored.node) ?? stored.last_seen_ms,
          clockSkewMs: stored.clock_skew_ms,
          clockSkewed: isSkewed(stored.clock_skew_ms),
          servers: stored.servers,
        })),
    flush,
  }
}

function isSkewed(skewMs: number): boolean {
  return Math.abs(skewMs) > allowedSkewMs
}

function saysTheSame(
  known: StoredNode,
  said: Pick<StoredNode, 'cluster' | 'ip' | 'version' | 'clock_skew_ms'>,
): boolean {
  return (
    known.cluster === said.cluster &&
    known.ip === said.ip &&
    known.version === said.version &&
    Math.abs(known.clock_skew_ms - said.clock_skew_ms) < skewStepMs
  )
}
