import { readIfAllowed } from '../find/running-process.ts'

/** The users of this host, as /etc/passwd has them. */
export interface UserNames {
  nameOf(uid: number): string | undefined
  find(name: string): { readonly user: string; readonly uid: number; readonly gid: number } | undefined
}

export function readUserNames(file = '/etc/passwd'): UserNames {
  const users = (readIfAllowed(file) ?? '').split('\n').flatMap((line) => {
    const [, user, uid, gid] = /^([^:#]+):[^:]*:(\d+):(\d+):/.exec(line) ?? []
    return user === undefined ? [] : [{ user, uid: Number(uid), gid: Number(gid) }]
  })
  return {
    nameOf: (uid) => users.find((one) => one.uid === uid)?.user,
    find: (name) => users.find((one) => one.user === name),
  }
}
