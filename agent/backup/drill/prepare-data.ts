import { readFile, readdir, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { ServerUser } from './server-user.ts'

/**
 * Looks over a restored data directory before a server may write there: nothing in it may lead to another place, such as the
 * tablespaces of the live server. Empties the replication slots, which would hold back its log for ever.
 * @param places where links may lead
 * @throws BackupFailure configuration
 */
export async function prepareData(
  dataDirectory: string,
  places: readonly string[],
  user: ServerUser,
): Promise<void> {
  const uid = (await stat(dataDirectory)).uid
  const wanted = user?.uid ?? process.getuid?.()
  if (uid !== wanted) {
    throw new BackupFailure(
      'configuration',
      `the restored files are of the user with id ${uid} and not of ${wanted ?? '?'}, as whom the server is started; backup.command and backup.user must mean the same user`,
    )
  }
  const allowed = await Promise.all([dataDirectory, ...places].map((place) => realpath(place)))
  for (const folder of [dataDirectory, join(dataDirectory, 'pg_tblspc')]) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isSymbolicLink()) continue
      const link = join(folder, entry.name)
      const target = await realpath(link).catch(async () => resolve(folder, await readlink(link)))
      if (allowed.some((place) => target === place || target.startsWith(`${place}/`))) continue
      throw new BackupFailure(
        'configuration',
        `${link} leads to ${target}, outside of what was restored; the server is not started, because it would write there`,
      )
    }
  }
  const slots = join(dataDirectory, 'pg_replslot')
  try {
    for (const name of await readdir(slots)) await rm(join(slots, name), { recursive: true })
  } catch (error) {
    throw new BackupFailure('other', `cannot empty ${slots}: ${messageOf(error)}`, { cause: error })
  }
}

/** What a restore writes there for the recovery. */
const recoverySetting = /^\s*(restore_command|recovery_target\w*)\s*=/

/**
 * Leaves only what the recovery needs in postgresql.auto.conf, of a directory that is thrown away: all else may be in the way,
 * such as a locale, a device or a module that this host does not have, where the file is taken as a whole or not at all.
 */
export async function keepRecoverySettings(dataDirectory: string): Promise<void> {
  const file = join(dataDirectory, 'postgresql.auto.conf')
  const text = await readFile(file, 'utf8').catch(() => '')
  const kept = text.split('\n').filter((line) => recoverySetting.test(line))
  // Written in place, so that it stays its owner's.
  await writeFile(file, kept.map((line) => `${line}\n`).join(''))
}
