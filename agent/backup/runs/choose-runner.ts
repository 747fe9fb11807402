import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'

/** Whether this member is to do the cluster's backup work now, and half a sentence why or why not. */
export interface Turn {
  readonly isRunner: boolean
  readonly reason: string
}

/** Between two standbys: long enough for the first to be seen in the repository or by its lock. After a failover: for it to follow. */
const turnMs = 60_000

/**
 * Every member decides for itself. That two of them decide alike does no harm: pgBackRest's advisory lock on the primary lets one
 * through, and the other finds the slot answered.
 * @param waitedMs - since the moment of the slot
 * @param promotedMs - how long ago this server was seen to become the primary: its standbys have to follow it first, and then have
 *   the same time as after the moment of the slot
 */
export function chooseRunner(
  policy: Pick<BackupPolicy, 'where' | 'fallbackAfterMs'>,
  health: InstanceHealth | undefined,
  waitedMs: number,
  promotedMs = Infinity,
): Turn {
  if (health === undefined) return no('nothing is known of the server yet')
  if (health.state !== 'running') return no(`the server is ${health.state}: ${health.reason}`)
  if (health.role === 'primary') return ofPrimary(policy, health, waitedMs, promotedMs)
  if (policy.where === 'primary') return no('the primary runs them, and this is a standby')
  if (health.upstream?.status !== 'streaming') return no('this standby does not stream')
  const { rank, of } = placeOf(health)
  if (rank * turnMs > waitedMs)
    return no(`the standby whose turn is before may run it (place ${rank + 1} of ${of})`)
  return yes(of === 1 ? 'it is the standby' : `it is the standby of place ${rank + 1} of ${of}`)
}

/** Whether the work that was begun as a runner is for somebody else to do now. */
export function hasLostRole(began: InstanceHealth, now: InstanceHealth | undefined): boolean {
  if (now?.state !== 'running' || now.role === null) return false
  return now.role !== began.role || now.timeline !== began.timeline
}

function ofPrimary(
  policy: Pick<BackupPolicy, 'where' | 'fallbackAfterMs'>,
  health: InstanceHealth,
  waitedMs: number,
  promotedMs: number,
): Turn {
  if (health.patroni?.hasLock === false) return no('it is primary without being the leader')
  if (policy.where === 'primary') return yes('it is the primary')
  const canBe = health.standbys.some(({ state }) => state === 'streaming')
  if (!canBe && promotedMs < turnMs)
    return no('it has just become the primary or was restarted, and its standbys are to follow')
  if (!canBe) return yes('it is the primary, and no standby streams')
  return Math.min(waitedMs, promotedMs) >= policy.fallbackAfterMs
    ? yes('it is the primary, and no standby has begun')
    : no('a standby runs them')
}

/** By name where Patroni lists the standbys, else by the number in the node's name. */
function placeOf({ patroni, server }: InstanceHealth): { readonly rank: number; readonly of: number } {
  const standbys = (patroni?.members ?? [])
    .filter(({ role, state }) => role !== 'leader' && (state === 'streaming' || state === 'running'))
    .map(({ member }) => member)
    .sort()
  const rank = standbys.indexOf(patroni?.member ?? '')
  if (rank >= 0) return { rank, of: standbys.length }
  const sequence = Number(/-(\d+)$/.exec(server)?.[1] ?? 1)
  return { rank: Math.max(0, (sequence - 1) % 10), of: 10 }
}

const yes = (reason: string): Turn => ({ isRunner: true, reason })
const no = (reason: string): Turn => ({ isRunner: false, reason })
