import { readFile } from 'node:fs/promises'
import { BackupFailure } from '../backup-failure.ts'

/** Who runs the servers; null is who runs this program. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null

/** For spawn's options. @throws BackupFailure configuration, for root, as whom PostgreSQL does not run */
export function asUser(user: ServerUser): { uid: number; gid: number } | Record<string, never> {
  if ((user?.uid ?? process.getuid?.()) === 0) {
    throw new BackupFailure(
      'configuration',
      'PostgreSQL does not run as root; give backup.user, the user of the servers, such as postgres',
    )
  }
  return user === null ? {} : { uid: user.uid, gid: user.gid }
}

/**
 * A user of this host by name, for a program that runs as root; null for who runs this program already.
 * @throws BackupFailure configuration for one that there is not, or that this program cannot become
 */
export async function userNamed(name: string): Promise<ServerUser> {
  const text = await readFile('/etc/passwd', 'utf8')
  const [, , uid, gid] =
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':') ?? []
  if (uid === undefined || gid === undefined) {
    throw new BackupFailure('configuration', `backup.user: ${name} is no user in /etc/passwd`)
  }
  const own = process.getuid?.()
  if (own === Number(uid)) return null
  if (own !== 0) {
    throw new BackupFailure(
      'configuration',
      `backup.user: only an agent that runs as root can become ${name}`,
    )
  }
  return { uid: Number(uid), gid: Number(gid) }
}
