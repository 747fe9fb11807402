import { dirname, join } from 'node:path'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { whenUnreadable } from './disk.ts'
import type { Disk } from './disk.ts'

/**
 * Where the files of a store are. A log is named `<start of the window in ms>-<generation>.log`, a block
 * `<start>-<lowest generation>-<generation>.block`: a merged block never takes the name of one that it replaces.
 */
export interface StorePaths {
  readonly directory: string
  readonly logs: string
  readonly blocks: string
  readonly tombstones: string
  readonly snapshots: string
}

export const logSuffix = '.log'
export const blockSuffix = '.block'
export const corruptSuffix = '.corrupt'
export const temporarySuffix = '.tmp'

export function storePaths(directory: string): StorePaths {
  return {
    directory,
    logs: join(directory, 'log'),
    blocks: join(directory, 'blocks'),
    tombstones: join(directory, 'tombstones'),
    snapshots: join(directory, 'snapshots'),
  }
}

/** @throws PgherdError DIRECTORY_UNUSABLE */
export async function prepareDirectories(disk: Disk, directory: string): Promise<StorePaths> {
  const paths = storePaths(directory)
  try {
    await disk.makeDirectory(paths.logs)
    await disk.makeDirectory(paths.blocks)
    await disk.makeDirectory(paths.tombstones)
    // A log that is synced is lost with a folder whose own name is not. Parents that may not be read are not ours.
    await disk.syncDirectory(directory)
    for (const parent of [dirname(directory), dirname(dirname(directory))]) {
      await whenUnreadable(() => disk.syncDirectory(parent), undefined)
    }
  } catch (error) {
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot use ${directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return paths
}

export function logPath(paths: StorePaths, startMs: number, generation: number): string {
  return join(paths.logs, `${startMs}-${generation}${logSuffix}`)
}

export function blockPath(
  paths: StorePaths,
  startMs: number,
  lowestGeneration: number,
  generation: number,
): string {
  return join(paths.blocks, `${startMs}-${lowestGeneration}-${generation}${blockSuffix}`)
}

export interface WindowFile {
  readonly path: string
  readonly startMs: number
  readonly generation: number
  /** What follows the generation, for instance `.log` or `.log.corrupt`. */
  readonly suffix: string
}

/** The files of a folder that are named after a window, oldest window first, then by generation. */
export async function listWindowFiles(disk: Disk, folder: string): Promise<WindowFile[]> {
  const found: WindowFile[] = []
  for (const name of await disk.list(folder)) {
    const parts = parseWindowName(name)
    if (parts !== undefined) found.push({ path: join(folder, name), ...parts })
  }
  return found.sort((a, b) => a.startMs - b.startMs || a.generation - b.generation)
}

/** What the name of a log or block says; undefined for other names. */
export function parseWindowName(name: string): Omit<WindowFile, 'path'> | undefined {
  const parts = /^(\d{1,15})(?:-\d{1,9})?-(\d{1,9})(\..+)$/.exec(name)
  if (parts === null) return undefined
  const [, start, generation, suffix] = parts
  return { startMs: Number(start), generation: Number(generation), suffix: suffix! }
}
