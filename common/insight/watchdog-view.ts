import { z } from 'zod'
import { watchdogReport } from './watchdog.ts'
import type { WatchdogDeed } from './watchdog.ts'

/** What a watchdog has seen or done, as the collector keeps it. */
export const keptReport = z.object({
  /** Grows with each report of this collector. */
  seq: z.number(),
  /** Milliseconds since the epoch on the agent's clock. */
  atMs: z.number(),
  cluster: z.string(),
  /** The ins label. */
  server: z.string(),
  report: watchdogReport,
})
export type KeptReport = z.infer<typeof keptReport>

export interface WatchdogQuery {
  readonly cluster?: string | undefined
  readonly server?: string | undefined
  readonly deed?: WatchdogDeed | undefined
  /** Only the one of this number. */
  readonly seq?: number | undefined
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined
  readonly limit: number
}

/** GET /api/v1/watchdog?cluster=&server=&deed=&number=&since=&limit=: the newest first. */
export const watchdogAnswer = z.object({ status: z.literal('success'), data: z.array(keptReport) })
