import { lstat, readdir, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { messageOf, systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'

/**
 * The path stands in restore_command (pgBackRest 2.45): between quotes of postgresql.auto.conf, in which `%` is the server's, and then
 * in double quotes of a shell where it has a blank, and in none otherwise.
 */
const unfit = /[^\p{L}\p{N}\p{M}/._+@,:= -]/u

/**
 * Whether a restore may go into a directory.
 * @returns whether it exists. @throws BackupFailure configuration, unless it is empty or can be made
 */
export async function checkDirectory(directory: string): Promise<boolean> {
  const refuse = (why: string): BackupFailure =>
    new BackupFailure('configuration', `cannot restore into ${directory}: ${why}`)
  if (!isAbsolute(directory)) throw refuse('it is no absolute path')
  const [character] = unfit.exec(directory) ?? []
  if (character !== undefined) {
    throw refuse(
      `its path has ${JSON.stringify(character)}, which a shell or the server may read otherwise; allowed: letters, digits, blanks and / . _ + @ , : = -`,
    )
  }
  let isThere = false
  try {
    if (!(await lstat(directory)).isDirectory()) throw refuse('it is no directory')
    const inside = await readdir(directory)
    if (inside.length > 0) throw refuse(`it is not empty: it has ${inside.slice(0, 3).join(', ')}`)
    isThere = true
  } catch (error) {
    if (error instanceof BackupFailure) throw error
    if (systemCodeOf(error) !== 'ENOENT') throw refuse(messageOf(error))
  }
  const parent = dirname(directory)
  if (!(await exists(parent))) throw refuse(`${parent} does not exist`)
  const around = await dataDirectoryAround(parent)
  if (around !== undefined) throw refuse(`it is inside ${around}, the data directory of a server`)
  return isThere
}

/** Who backs that up would take along what is in it. */
async function dataDirectoryAround(directory: string): Promise<string | undefined> {
  for (let at = await realpath(directory); ; at = dirname(at)) {
    if (await exists(join(at, 'PG_VERSION'))) return at
    if (at === dirname(at)) return undefined
  }
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
