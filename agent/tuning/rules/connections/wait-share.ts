import { constants } from './constants.ts'
import type { Evidence } from '../../evidence/evidence.ts'

/** The share of the sessions at work that wait for something (a gauge of the view `activity`), 0 to 1; undefined with too few at work. */
export function waitShare(evidence: Evidence, wait: string): number | undefined {
  const active = evidence.mean('activity.active') ?? 0
  const waiting = evidence.mean(`activity.${wait}`)
  return waiting === undefined || active < constants.activeSessions ? undefined : waiting / active
}
