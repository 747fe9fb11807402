import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { NodeView } from '../../common/wire/nodes.ts'

/** A node as the fleet knows it; role, up and last sample come from the metrics. */
export type KnownNode = Omit<NodeView, 'role' | 'up' | 'lastSampleMs'>

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
})

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
  const names = new Set(selectAll.all().map((row) => storedNode.parse(row).node))
  const connected = new Set<string>()
  const lastSeen = new Map<string, number>()
  let flushedAt = clock.monotonic()

  const flush = () => {
    flushedAt = clock.monotonic()
    if (lastSeen.size === 0) return
    database.exec('BEGIN IMMEDIATE')
    try {
      for (const [node, nowMs] of lastSeen) touch.run({ node, nowMs })
      database.exec('COMMIT')
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
    lastSeen.clear()
  }

  return {
    hello({ node, cluster, ip, version, nowMs: agentNowMs }) {
      if (!names.has(node) && names.size >= maxNodes) {
        throw new PgherdError('REFUSED', `the fleet has ${maxNodes} nodes, no more are taken`)
      }
      const nowMs = clock.now()
      try {
        upsert.run({ node, cluster, ip, version, nowMs, skewMs: Math.round(agentNowMs - nowMs) })
        lastSeen.delete(node)
      } catch (error) {
        if (!names.has(node)) {
          throw new PgherdError('DISK_FULL', `the fleet's state cannot be written: ${messageOf(error)}`, {
            cause: error,
          })
        }
        lastSeen.set(node, nowMs)
      }
      names.add(node)
      connected.add(node)
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
      selectAll.all().map((row) => {
        const stored = storedNode.parse(row)
        return {
          node: stored.node,
          cluster: stored.cluster,
          ip: stored.ip,
          version: stored.version,
          connected: connected.has(stored.node),
          firstSeenMs: stored.first_seen_ms,
          lastSeenMs: lastSeen.get(stored.node) ?? stored.last_seen_ms,
          clockSkewMs: stored.clock_skew_ms,
        }
      }),
    flush,
  }
}
