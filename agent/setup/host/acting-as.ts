import { PgherdError } from '../../../common/errors.ts'
import { readIfAllowed } from '../find/running-process.ts'

/** A user of this host. */
export interface LocalUser {
  readonly user: string
  readonly uid: number
  readonly gid: number
}

/**
 * Does something as another user of this host: files and sockets are opened with that user's rights alone, in the whole process (credentials(7):
 * the effective ids, and the groups), so nothing else may be under way. Whoever is that user already just does it.
 * @throws PgherdError REFUSED where that takes root
 */
export async function actingAs<T>({ user, uid, gid }: LocalUser, work: () => Promise<T>): Promise<T> {
  const [ownUid, ownGid] = [process.geteuid?.(), process.getegid?.()]
  if (ownUid === uid) return work()
  if (ownUid !== 0 || ownGid === undefined) {
    throw new PgherdError('REFUSED', `only root can act as ${user}; allowed: sudo pgherd-agent setup ...`)
  }
  const groups = process.getgroups?.() ?? []
  process.setgroups?.([gid, ...groupsOf(user)])
  process.setegid?.(gid)
  process.seteuid?.(uid)
  try {
    return await work()
  } finally {
    process.seteuid?.(ownUid)
    process.setegid?.(ownGid)
    process.setgroups?.(groups)
  }
}

/** Those of /etc/group that name the user as a member. */
function groupsOf(user: string): readonly number[] {
  return (readIfAllowed('/etc/group') ?? '').split('\n').flatMap((line) => {
    const [, , gid, members = ''] = line.split(':')
    return gid !== undefined && members.split(',').includes(user) ? [Number(gid)] : []
  })
}
