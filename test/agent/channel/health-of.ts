import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { someHealth } from '../../common/health/some-health.ts'

/** A primary that is well, with what differs. */
export function healthOf(server: string, differing: Partial<InstanceHealth> = {}): InstanceHealth {
  return someHealth({
    server,
    ...{ cluster: 'pg', atMs: 1.7e12, sinceMs: 1.7e12, postmasterStartMs: 1.6e12 },
    ...{ systemIdentifier: '7', versionNumber: 180_000, currentPosition: 1 },
    ...{ synchronousStandbyNames: '', waitingForSync: 0 },
    ...differing,
  })
}
