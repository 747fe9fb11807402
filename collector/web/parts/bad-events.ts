import type { FleetEvent } from '../../../common/wire/events.ts'

const bad: ReadonlySet<FleetEvent['type']> = new Set([
  'server-down',
  'failover',
  'failover-loss',
  'backup-failed',
  'restore-drill-failed',
  'alert-firing',
  // Somebody's work was ended by force.
  'session-killed',
])

/** Whether it is worse than what usually happens, and so to be seen in a list. */
export function isBadEvent({ type }: Pick<FleetEvent, 'type'>): boolean {
  return bad.has(type)
}
