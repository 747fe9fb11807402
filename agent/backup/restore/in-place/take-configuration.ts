import { chown, copyFile, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Gives a restored directory the configuration that the server has now: that of the backup may be old, and its
 * postgresql.auto.conf would end the recovery of a standby that is copied from it at the target of this restore.
 */
export async function takeConfiguration(from: string, to: string): Promise<void> {
  const isConfiguration = (name: string): boolean =>
    name.endsWith('.conf') || name === 'patroni.dynamic.json' || name === 'postgresql.base.conf'
  for (const name of (await readdir(to)).filter(isConfiguration)) await rm(join(to, name))
  for (const name of (await readdir(from)).filter(isConfiguration)) {
    const file = join(from, name)
    if (!(await lstat(file)).isFile()) continue
    const copy = join(to, name)
    await copyFile(file, copy)
    const { uid, gid } = await lstat(file)
    await chown(copy, uid, gid)
  }
}
