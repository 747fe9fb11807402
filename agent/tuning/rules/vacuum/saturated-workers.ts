import type { Evidence } from '../../evidence/evidence.ts'
import { constants } from './constants.ts'

export interface SaturatedWorkers {
  /** The share of the looks in which all processes of autovacuum were at work. */
  readonly share: number
  /** The share of their time in which they slept for vacuum_cost_delay. */
  readonly asleep: number
}

/** Undefined where processes of autovacuum were free for most of the time. */
export function saturatedWorkers(evidence: Evidence): SaturatedWorkers | undefined {
  const share = evidence.mean('vacuum.saturated') ?? 0
  const workers = evidence.mean('vacuum.workers') ?? 0
  if (share <= constants.saturatedShare || workers === 0) return undefined
  const sampled = (evidence.mean('vacuum.throttled') ?? 0) / workers
  return { share, asleep: evidence.mean('vacuum.delay_share') ?? sampled }
}
