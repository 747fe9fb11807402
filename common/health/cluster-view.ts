import { z } from 'zod'
import { instanceHealth } from './instance-health.ts'

/**
 * GET /api/v1/clusters and /api/v1/clusters/:cluster: what the collector makes of its agents' reports. Times are
 * milliseconds since the epoch on the collector's clock.
 */

/** What is said of a cluster, the worst first in a view's list. */
export const judgementCode = z.enum([
  'healthy',
  'two-primaries',
  // Under one cls label.
  'different-systems',
  'no-primary',
  'unknown',
  'member-down',
  'member-hung',
  'member-unknown',
  'replica-broken',
  'replica-diverged',
  'replica-lagging',
  'no-sync-standby',
  'failover-unsafe',
  'patroni-away',
  'patroni-paused',
  'store-without-quorum',
  'pooler-broken',
  'version-drift',
  'setting-drift',
  'leader-key-taken-back',
  'no-watchdog',
  'role-disagrees',
  'space-low',
  'archiver-failing',
  'slot-holds-log',
])
export type JudgementCode = z.infer<typeof judgementCode>

export const judgement = z.object({
  code: judgementCode,
  severity: z.enum(['ok', 'warning', 'critical']),
  /** Those it is about, by their ins label. */
  members: z.array(z.string()).max(64),
  /** One sentence with the figures it comes from. */
  reason: z.string().max(1_000),
  sinceMs: z.number(),
})
export type Judgement = z.infer<typeof judgement>

export const memberView = z.object({
  server: z.string(),
  node: z.string(),
  ip: z.string(),
  /** Age of the report, milliseconds; a member with a stale report is unknown, not down. */
  reportAgeMs: z.number(),
  isStale: z.boolean(),
  /** As the topology sees it. */
  role: z.enum(['primary', 'standby', 'unknown']),
  /** The server that it follows, when it is one of the cluster's. */
  follows: z.string().nullable(),
  health: instanceHealth,
})
export type MemberView = z.infer<typeof memberView>

/** A bound with how it was found; null seconds or bytes where nothing bounds it. */
const estimate = z.object({ value: z.number().nullable(), how: z.string().max(500) })

export const clusterView = z.object({
  cluster: z.string(),
  /** Of the worst judgement. */
  status: z.enum(['healthy', 'degraded', 'critical', 'unknown']),
  systemIdentifiers: z.array(z.string()),
  primary: z.string().nullable(),
  timeline: z.int().nullable(),
  managedBy: z.enum(['patroni', 'none']),
  members: z.array(memberView),
  judgements: z.array(judgement),
  /** Whether a failover now would work and lose nothing that it may not. */
  failover: z.object({
    isSafe: z.boolean().nullable(),
    candidates: z.array(z.string()),
    reasons: z.array(z.string()),
  }),
  /** Bytes of log that a failover now would lose. */
  recoveryPoint: estimate,
  /** Seconds without writes. */
  recoveryTime: estimate,
})
export type ClusterView = z.infer<typeof clusterView>

export const clustersAnswer = z.object({ status: z.literal('success'), data: z.array(clusterView) })
export const clusterAnswer = z.object({ status: z.literal('success'), data: clusterView })
