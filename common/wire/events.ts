import { z } from 'zod'

/** What happened to the fleet, as far as somebody may want to look it up. */
export const fleetEventType = z.enum([
  'collector-started',
  'agent-connected',
  'agent-away',
  'node-enrolled',
  'node-revoked',
  'samples-refused',
  'server-up',
  'server-down',
  'role-changed',
  'server-restarted',
  'command-finished',
  'alert-firing',
  'alert-resolved',
  'failover',
  'switchover',
  // What a failover has cost, as the old primary shows when it is back.
  'failover-loss',
  'timeline-changed',
  'member-joined',
  'member-left',
  'config-changed',
  'cluster-status',
  'backup-finished',
  'backup-failed',
  'restore-drill-passed',
  'restore-drill-failed',
  'restore-finished',
  // Somebody has changed the schema of a database, or is about to and holds others up.
  'ddl',
  'query-regressed',
  // Found by the watchdog, and what it did.
  'session-reported',
  'session-killed',
  // An agent has ended or taken back by itself what a command began.
  'agent-acted',
  // A service takes a password that everybody may know, or no longer.
  'default-password',
])
export type FleetEventType = z.infer<typeof fleetEventType>

/** How another server became the primary. */
export const primaryChange = z.object({
  from: z.string(),
  to: z.string(),
  /** From the last moment at which the old one was seen as primary to the first of the new one. */
  durationMs: z.number(),
  /**
   * Bytes of log: the most that the new one may lack of what was acknowledged, null where nothing bounds it; in `failover-loss`
   * what it was seen to lack.
   */
  lostBytes: z.number().nullable(),
})
export type PrimaryChange = z.infer<typeof primaryChange>

export const fleetEvent = z.object({
  /** Grows with each event of this collector. */
  seq: z.number(),
  /** Milliseconds since the epoch: when the collector noticed. */
  atMs: z.number(),
  type: fleetEventType,
  /** A node, or the ins label of one of its servers; empty for what concerns none. */
  node: z.string(),
  cluster: z.string(),
  /** One sentence that goes on behind the name. */
  text: z.string(),
  /** The command whose end it is. */
  command: z.string().nullable(),
  /** Of a failover or switchover, or of what it has cost. */
  change: primaryChange.optional(),
})
export type FleetEvent = z.infer<typeof fleetEvent>

/** An event before it has its place in the list. */
export type NewEvent = Omit<FleetEvent, 'seq' | 'atMs'>

/** What of the events is asked for. */
export interface EventQuery {
  readonly node?: string
  readonly cluster?: string
  readonly types?: readonly FleetEventType[]
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Only events with a higher number. */
  readonly after?: number
  readonly limit: number
}

/** GET /api/v1/events?node=&cluster=&type=&since=&after=&limit=: the newest first. */
export const eventsAnswer = z.object({ status: z.literal('success'), data: z.array(fleetEvent) })
