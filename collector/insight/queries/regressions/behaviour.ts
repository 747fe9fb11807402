import { z } from 'zod'
import { momentsOf, totalOf } from '../figures.ts'
import { percentileOf } from '../percentiles-of.ts'
import type { CountedQuery } from '../read-counters.ts'

/** How a statement behaves on a server: what a call takes and does. */
export const behaviour = z.object({
  calls: z.number(),
  meanSeconds: z.number(),
  /** Null with too few calls. */
  p95Seconds: z.number().nullable(),
  blocksPerCall: z.number(),
  rowsPerCall: z.number(),
  /** Windows of the range in which it was called. */
  busyWindows: z.number(),
})
export type Behaviour = z.infer<typeof behaviour>

/** What has to be counted for it. */
export const behaviourCounters = [
  'calls',
  'exec_time',
  'exec_time_squares',
  'rows',
  'sblk_hit',
  'sblk_read',
] as const

/** @returns undefined where it was not called */
export function behaviourOf(counted: CountedQuery): Behaviour | undefined {
  const total = (name: (typeof behaviourCounters)[number]): number => totalOf([counted], name)
  const calls = total('calls')
  if (!(calls > 0)) return undefined
  const parts = momentsOf([counted])
  return {
    calls,
    meanSeconds: total('exec_time') / calls,
    p95Seconds: percentileOf(parts, 0.95)?.value ?? null,
    blocksPerCall: (total('sblk_hit') + total('sblk_read')) / calls,
    rowsPerCall: total('rows') / calls,
    busyWindows: parts.length,
  }
}
