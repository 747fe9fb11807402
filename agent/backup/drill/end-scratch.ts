import { execFile } from 'node:child_process'
import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../../../common/clock.ts'
import { endProcessesIn } from './processes-in.ts'
import { isScratch, removeScratch, unfinishedMarker } from './scratch-place.ts'

/**
 * Ends what an agent that was killed has left of a drill or a restore: the server, whatever it has started, and the directory.
 * A directory that is neither a scratch directory by its name nor marked as unfinished is not touched.
 * @returns half a sentence for the record, undefined when nothing was there any more
 */
export async function endScratch(directory: string, clock: Clock): Promise<string | undefined> {
  const isOurs = await isScratch(directory)
  if (isOurs === null) {
    await rm(unfinishedMarker(directory), { force: true })
    return undefined
  }
  if (!isOurs) return `${directory} is kept: its restore had come to its end`
  const place = await realpath(directory)
  const count = await endProcessesIn(place, clock)
  for (const data of [place, join(place, 'data')]) await removeSharedMemory(data)
  await removeScratch(directory)
  return count === 0
    ? `${directory} was removed`
    : `${count} processes that worked in ${directory} were ended, and it was removed`
}

/**
 * A server that was killed leaves its System V segment to the next one, which never comes. Its id (line 7 of postmaster.pid) may
 * be another server's by now, so it must be of the same process and nobody may use it (sysvipc(5)).
 */
export async function removeSharedMemory(dataDirectory: string): Promise<void> {
  const lines = (await readIfThere(join(dataDirectory, 'postmaster.pid'))).split('\n')
  const segment = /^\s*\d+\s+(\d+)\s*$/.exec(lines[6] ?? '')?.[1]
  const creator = lines[0]?.trim()
  if (segment === undefined) return
  const [titles = '', ...rows] = (await readIfThere('/proc/sysvipc/shm')).split('\n')
  const names = titles.trim().split(/\s+/)
  const isOrphan = rows
    .map((row) => row.trim().split(/\s+/))
    .some((row) => {
      const field = (name: string): string | undefined => row[names.indexOf(name)]
      return field('shmid') === segment && field('cpid') === creator && field('nattch') === '0'
    })
  if (isOrphan) await promisify(execFile)('ipcrm', ['-m', segment]).catch(() => undefined)
}

function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
