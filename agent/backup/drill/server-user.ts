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
