import { open, readdir } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PgherdError, systemCodeOf } from '../../common/errors.ts'
import { blockSuffix, logSuffix, storePaths } from '../store/embedded/files.ts'
import { formatFile } from '../store/embedded/format-version.ts'

/** A file that is held open: it can be read to its end although the collector removes it meanwhile. */
export interface HeldFile {
  /** Relative to the store's directory. */
  readonly path: string
  readonly handle: FileHandle
  /** That of the moment in which it was opened; what is appended to a log later is not part of the copy. */
  readonly bytes: number
}

export interface StoreFiles extends AsyncDisposable {
  readonly files: readonly HeldFile[]
}

/** Blocks come and go with seals and merges, which are minutes apart, or as fast as a store can after an outage. */
const attempts = 1000

/**
 * All files of an embedded store as they were at one moment, also beside the collector that writes to it. A name is never
 * used twice, blocks and deletions never change, and a log is only appended to: when all that was there before
 * opening them is what is there afterwards, it was there together. What a log ends with may be half a write, none of
 * which was acknowledged.
 * @throws PgherdError BUSY when files came and went each time
 */
export async function openStoreFiles(directory: string): Promise<StoreFiles> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    await using stack = new AsyncDisposableStack()
    const before = await list(directory)
    const files: HeldFile[] = []
    for (const path of before) {
      const handle = await whenThere(() => open(join(directory, path), 'r'))
      if (handle === undefined) break
      stack.defer(() => handle.close())
      files.push({ path, handle, bytes: (await handle.stat()).size })
    }
    if (files.length < before.length || (await list(directory)).join() !== before.join()) continue
    const owned = stack.move()
    return { files, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }
  throw new PgherdError('BUSY', `the files of ${directory} change faster than they can be opened`)
}

async function list(directory: string): Promise<readonly string[]> {
  const { logs, blocks, tombstones } = storePaths(directory)
  const found: string[] = (await namesIn(directory)).filter((name) => name === formatFile)
  for (const [folder, suffix] of [
    [logs, logSuffix],
    [blocks, blockSuffix],
    [tombstones, '.tombstone'],
  ] as const) {
    const names = (await namesIn(folder)).filter((name) => name.endsWith(suffix))
    found.push(...names.sort().map((name) => join(basename(folder), name)))
  }
  return found
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await whenThere(() => readdir(folder))) ?? []
}

async function whenThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
