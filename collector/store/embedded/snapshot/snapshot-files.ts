import { basename, join } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../../../common/errors.ts'
import type { Snapshot } from '../../../../common/store-administration.ts'
import { readAt, writeAt } from '../disk.ts'
import { storePaths, temporarySuffix } from '../files.ts'
import { noteFormat } from '../format-version.ts'
import type { StoreState } from '../state.ts'

const namePattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z(?:-\d+)?$/

/**
 * Copies the store as it is: a second name for every block and deletion (they never change), and of each log the part that
 * is acknowledged. Under a temporary name until all of it is on the disk, so that no half of a snapshot looks like one.
 * Nothing may seal, merge or delete meanwhile.
 * @throws PgherdError DISK_FULL
 */
export async function createSnapshot(state: StoreState): Promise<Snapshot> {
  const { disk, paths } = state
  const createdMs = state.options.clock.now()
  const name = freeName(createdMs, new Set(await namesIn(state)))
  const path = join(paths.snapshots, name)
  const temporary = path + temporarySuffix
  try {
    await disk.makeDirectory(paths.snapshots)
    await copyInto(state, temporary)
    await disk.rename(temporary, path)
    await disk.syncDirectory(paths.snapshots)
    await disk.syncDirectory(paths.directory)
  } catch (error) {
    for (const leftover of [temporary, path]) await disk.remove(leftover).catch(() => undefined)
    if (state.closing.aborted) throw error
    const reason = systemCodeOf(error) ?? messageOf(error)
    throw new PgherdError('DISK_FULL', `the snapshot could not be written: ${reason}`, { cause: error })
  }
  const bytes = await sizeOf(state, path)
  state.options.log.info({ path, bytes }, 'created a snapshot')
  return { name, path, createdMs, bytes }
}

/** Whole snapshots, the oldest first. */
export async function listSnapshots(state: StoreState): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = []
  for (const name of await namesIn(state)) {
    const createdMs = timeOf(name)
    if (createdMs === undefined) continue
    const path = join(state.paths.snapshots, name)
    const bytes = await whenForeign(() => sizeOf(state, path), undefined)
    if (bytes !== undefined) found.push({ name, path, createdMs, bytes })
  }
  return found.sort((a, b) => a.createdMs - b.createdMs)
}

/** @throws PgherdError NOT_FOUND */
export async function deleteSnapshot(state: StoreState, name: string): Promise<void> {
  const { disk, paths } = state
  if (timeOf(name) === undefined || !(await namesIn(state)).includes(name)) {
    throw new PgherdError('NOT_FOUND', `there is no snapshot ${name}`)
  }
  const path = join(paths.snapshots, name)
  // In one step: half of it must not look like a snapshot after a crash.
  await disk.rename(path, path + temporarySuffix)
  await disk.syncDirectory(paths.snapshots)
  await disk.remove(path + temporarySuffix)
}

/** What a crash has left of making or removing one. */
export async function removeUnfinishedSnapshots(state: StoreState): Promise<void> {
  for (const name of await namesIn(state)) {
    if (name.endsWith(temporarySuffix)) await state.disk.remove(join(state.paths.snapshots, name))
  }
}

async function copyInto(state: StoreState, folder: string): Promise<void> {
  const { disk } = state
  const to = storePaths(folder)
  // Both at one moment: what is acknowledged from now on may be missing.
  const logs = state.windows.map(({ log }) => ({ path: log.path, length: log.length }))
  const { blocks, tombstones } = state
  for (const directory of [to.logs, to.blocks, to.tombstones]) await disk.makeDirectory(directory)
  for (const { path } of blocks) await disk.link(path, join(to.blocks, basename(path)))
  for (const { path } of tombstones) await disk.link(path, join(to.tombstones, basename(path)))
  for (const { path, length } of logs) {
    if (length > 0) await copyFile(state, path, length, join(to.logs, basename(path)))
    state.closing.throwIfAborted()
  }
  for (const directory of [to.logs, to.blocks, to.tombstones, folder]) await disk.syncDirectory(directory)
  await noteFormat(disk, to)
}

const copyBytes = 1 << 20

async function copyFile(state: StoreState, from: string, length: number, to: string): Promise<void> {
  await using source = await state.disk.open(from, 'r')
  await using target = await state.disk.open(to, 'wx')
  for (let at = 0; at < length; at += copyBytes) {
    const bytes = await readAt(source, at, Math.min(copyBytes, length - at))
    if (bytes === undefined) throw new PgherdError('STORE_CORRUPT', `${from} is shorter than ${length} bytes`)
    await writeAt(target, bytes, at)
  }
  await target.sync()
}

function namesIn(state: StoreState): Promise<string[]> {
  return whenForeign(() => state.disk.list(state.paths.snapshots), [])
}

/** The answer of `read`, or `otherwise` where there is not what this store would have put there. */
async function whenForeign<T, U>(read: () => Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await read()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return otherwise
    throw error
  }
}

async function sizeOf(state: StoreState, path: string): Promise<number> {
  const { logs, blocks, tombstones } = storePaths(path)
  let bytes = 0
  for (const folder of [logs, blocks, tombstones]) {
    for (const name of await state.disk.list(folder)) {
      await using file = await state.disk.open(join(folder, name), 'r')
      bytes += (await file.stat()).size
    }
  }
  return bytes
}

/** The moment in UTC, as in 20240715T080000123Z, with a number where there is one of it already. */
function freeName(createdMs: number, taken: ReadonlySet<string>): string {
  const moment = new Date(createdMs).toISOString().replaceAll(/[-:.]/g, '')
  for (let number = 1; ; number++) {
    const name = number === 1 ? moment : `${moment}-${number}`
    if (!taken.has(name) && !taken.has(name + temporarySuffix)) return name
  }
}

function timeOf(name: string): number | undefined {
  const parts = namePattern.exec(name)
  if (parts === null) return undefined
  const [, year, month, day, hours, minutes, seconds, milliseconds] = parts
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}Z`)
}
