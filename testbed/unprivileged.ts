import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'

export interface Owner {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * Who runs the servers that refuse to run as root: the user postgres, else nobody. Both have to be in the
 * user database, because initdb looks its own user up there.
 * @returns undefined when this process is not root; servers then run as the user we are
 * @throws Error when there is no such user, with what to do
 */
export function unprivilegedOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) {
    checkOwnUser()
    return undefined
  }
  const users = parsePasswd(readFileSync('/etc/passwd', 'utf8'))
  const owner = users.get('postgres') ?? users.get('nobody')
  if (owner === undefined || owner.uid === 0) {
    throw new Error(
      'PostgreSQL refuses to run as root and /etc/passwd has neither postgres nor nobody; create one: useradd --system postgres',
    )
  }
  return owner
}

/** The users of a passwd file by name. */
export function parsePasswd(text: string): ReadonlyMap<string, Owner> {
  const users = new Map<string, Owner>()
  for (const line of text.split('\n')) {
    const match = /^([^:#]+):[^:]*:(\d+):(\d+):/.exec(line)
    if (match === null) continue
    users.set(match[1]!, { name: match[1]!, uid: Number(match[2]), gid: Number(match[3]) })
  }
  return users
}

function checkOwnUser(): void {
  try {
    userInfo()
  } catch (error) {
    throw new Error(
      `the user id ${process.getuid?.() ?? '?'} is not in the user database, where initdb looks it up; run as a user with a name`,
      { cause: error },
    )
  }
}
