import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PgherdError, messageOf } from '../../../common/errors.ts'

/**
 * Where the files of a store are. A log is named `<start of the window in ms>-<generation>.log`, a block
 * `<start>-<lowest generation>-<generation>.block`: a merged block never takes the name of one that it replaces.
 */
export interface StorePaths {
  readonly directory: string
  readonly logs: string
  readonly blocks: string
}

export const logSuffix = '.log'
export const blockSuffix = '.block'
export const corruptSuffix = '.corrupt'
export const temporarySuffix = '.tmp'

/** @throws PgherdError DIRECTORY_UNUSABLE */
export async function prepareDirectories(directory: string): Promise<StorePaths> {
  const paths = { directory, logs: join(directory, 'log'), blocks: join(directory, 'blocks') }
  try {
    await mkdir(paths.logs, { recursive: true, mode: 0o750 })
    await mkdir(paths.blocks, { recursive: true, mode: 0o750 })
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
export async function listWindowFiles(folder: string): Promise<WindowFile[]> {
  const found: WindowFile[] = []
  for (const name of await readdir(folder)) {
    const parts = /^(\d{1,15})(?:-\d{1,9})?-(\d{1,9})(\..+)$/.exec(name)
    if (parts === null) continue
    const [, start, generation, suffix] = parts
    found.push({
      path: join(folder, name),
      startMs: Number(start),
      generation: Number(generation),
      suffix: suffix!,
    })
  }
  return found.sort((a, b) => a.startMs - b.startMs || a.generation - b.generation)
}

/** Makes a created, renamed or removed name durable. */
export async function syncDirectory(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
