import type { Clock } from '../../../common/clock.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'

/**
 * Follows a server's role.
 * @returns called now and then with what is known of the server: how long ago it was seen to become the primary, milliseconds; Infinity
 *   for one that was the primary all along, or is none
 */
export function watchPromotion(
  clock: Pick<Clock, 'monotonic'>,
): (health: InstanceHealth | undefined) => number {
  let role: InstanceHealth['role'] = null
  let promotedAt = -Infinity
  return (health) => {
    if (health?.state === 'running' && health.role !== null) {
      if (role === 'standby' && health.role === 'primary') promotedAt = clock.monotonic()
      role = health.role
    }
    return clock.monotonic() - promotedAt
  }
}
