import { z } from 'zod'

/** Of one statement so far: calls, and milliseconds of execution. */
const statementSoFar = z.tuple([z.number(), z.number()])

/** What a guard sees of a server at one moment. What a server does not tell is not there. */
export const guardSample = z.object({
  atMs: z.number(),
  /** With another one it was started anew. */
  serverStartMs: z.number(),
  inRecovery: z.boolean(),
  /**
   * When its checkpointer was started: with another one under the same postmaster all processes were started anew, because one had crashed or
   * was killed for want of memory (reaper in PostgreSQL's postmaster.c). Null where this role may not see it.
   */
  workStartMs: z.number().nullable(),
  /** What only grows: transactions, rollbacks, errors, requestedCheckpoints, tempBytes, activeMs, memoryWaitMs, swapOutBytes. */
  counters: z.record(z.string(), z.number()),
  /** What is so at the moment: activeSessions, lagBytes, lagSeconds. */
  gauges: z.record(z.string(), z.number()),
  /** By database and query id. */
  statements: z.record(z.string(), statementSoFar),
})
export type GuardSample = z.infer<typeof guardSample>

/** What was seen over a stretch of time. */
export const guardSpan = z.object({
  seconds: z.number(),
  looks: z.number(),
  /** How much the counters grew. */
  counters: z.record(z.string(), z.number()),
  /** Sum and number of the looks. */
  gauges: z.record(z.string(), z.tuple([z.number(), z.number()])),
  statements: z.record(z.string(), statementSoFar),
})
export type GuardSpan = z.infer<typeof guardSpan>

/** What a server did before a change. */
export const guardBaseline = guardSpan.extend({
  /** Mean latency of its statements in the worst of the looks, ms: what is usual for that server. Null where none can be told. */
  worstLatencyMs: z.number().nullable(),
})
export type GuardBaseline = z.infer<typeof guardBaseline>

export const emptySpan: GuardSpan = { seconds: 0, looks: 0, counters: {}, gauges: {}, statements: {} }
