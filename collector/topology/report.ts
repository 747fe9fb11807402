import type { InstanceHealth } from '../../common/health/instance-health.ts'

/** The newest that an agent has said of one server. */
export interface Report {
  readonly node: string
  readonly ip: string
  readonly health: InstanceHealth
  /** When it was so, at the latest: milliseconds since the epoch on the collector's clock. */
  readonly observedMs: number
  /** What to take from a time of the agent to have one of the collector, milliseconds. */
  readonly skewMs: number
  /** The agent's channel has ended since. */
  readonly isAway: boolean
}

/**
 * Agents say each second that they are there: three times are missing, so that a host which is cut off is noticed within five
 * seconds, and a busy one is not taken for it. Whatever is older says nothing of now.
 */
export const staleAfterMs = 3_500
