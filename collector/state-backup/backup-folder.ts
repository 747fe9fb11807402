import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../../common/spool/file-operations.ts'
import { systemCodeOf } from '../../common/errors.ts'

const wholeName = /^(\d{8}T\d{6}Z)(?:-(\d+))?$/
const unfinishedName = /^\d{8}T\d{6}Z(?:-\d+)?\.unfinished$/

/** Whole backups in a folder, the oldest first. @throws Error of the file system */
export async function listBackups(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder))
    .flatMap((name) => {
      const [, moment, number] = wholeName.exec(name) ?? []
      return moment === undefined ? [] : [{ name, moment, number: Number(number ?? 1) }]
    })
    .sort((a, b) => (a.moment === b.moment ? a.number - b.number : a.moment < b.moment ? -1 : 1))
    .map(({ name }) => join(folder, name))
}

/**
 * Removes what backups that were killed have left, of which nobody writes to the folder now.
 * @returns what was removed
 * @throws Error of the file system
 */
export async function removeUnfinished(folder: string): Promise<readonly string[]> {
  const left = (await namesIn(folder))
    .filter((name) => unfinishedName.test(name))
    .map((name) => join(folder, name))
  for (const path of left) await rm(path, { recursive: true, force: true })
  return left
}

/**
 * Removes the oldest backups but `count`, and never the one that was just made, which is not the newest where a clock went
 * back. Each first loses its name, so that one that is half removed does not look whole.
 * @returns what was removed
 * @throws Error of the file system
 */
export async function keepNewest(folder: string, count: number, made: string): Promise<readonly string[]> {
  const others = (await listBackups(folder)).filter((path) => path !== made)
  const old = others.slice(0, Math.max(0, others.length - (count - 1)))
  for (const path of old) {
    const leaving = `${path}.unfinished`
    await rename(path, leaving)
    await syncDirectory(folder)
    await rm(leaving, { recursive: true })
  }
  return old
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}
