import { z } from 'zod'

/** What was done about a session, or would have been. */
export const watchdogDeed = z.enum([
  /** Found by a rule. */
  'reported',
  'cancelled',
  'terminated',
  /** Not done, because the policy is tried (dry_run). */
  'would-cancel',
  'would-terminate',
  /** It had gone on or ended before the signal. */
  'missed',
  /** The signal could not be sent. */
  'failed',
  /** It was signalled, and is still there. */
  'no-effect',
])
export type WatchdogDeed = z.infer<typeof watchdogDeed>

/** A row of pg_stat_activity by its columns, with the text of its statement without literals. */
const activityRow = z.record(
  z.string().max(64),
  z.union([z.string().max(20_000), z.number(), z.boolean(), z.null()]),
)
export type ActivityRow = z.infer<typeof activityRow>

const rows = z.array(activityRow).max(50)

/** Body of the topic `watchdog`: one thing that the watchdog has seen or done, with the evidence. */
export const watchdogReport = z.object({
  deed: watchdogDeed,
  /** One sentence that goes on behind the name of the server. */
  text: z.string().min(1).max(2_000),
  rule: z.string().max(40),
  case: z.string().max(40),
  isDry: z.boolean(),
  /** How long it has been so, milliseconds. */
  heldMs: z.number(),
  harm: z.array(z.string().max(200)).max(10),
  /** What comes next, or why nothing does. */
  next: z.string().max(500),
  /** Null for what is no session. */
  session: activityRow.nullable(),
  locks: z.array(z.string().max(300)).max(50),
  /** Those that wait for it, before. */
  victims: rows,
  /** Read after the signal; null where there was none. */
  after: z.object({ session: activityRow.nullable(), victims: rows }).nullable(),
  /** Of a prepared transaction or a slot. */
  leftover: z.record(z.string().max(64), z.string().max(500)).nullable(),
})
export type WatchdogReport = z.infer<typeof watchdogReport>
