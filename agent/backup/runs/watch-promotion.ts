import type { Clock } from '../../../common/clock.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'

/**
 * Follows a server's role.
 * @returns called now and then with what is known of the server: how long ago it was seen to become the primary, or to have started anew
 *   as one, milliseconds; Infinity for one that was the primary all along, or is none
 */
export function watchPromotion(
  clock: Pick<Clock, 'monotonic'>,
): (health: InstanceHealth | undefined) => number {
  let known: string | undefined
  let promotedAt = -Infinity
  return (health) => {
    if (health?.state === 'running' && health.role !== null) {
      const { role, timeline, postmasterStartMs } = health
      const now = `${role} ${timeline ?? '?'} ${postmasterStartMs ?? '?'}`
      if (role === 'primary' && known !== undefined && known !== now) promotedAt = clock.monotonic()
      known = now
    }
    return clock.monotonic() - promotedAt
  }
}
