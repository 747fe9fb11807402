import { basename, join } from 'node:path'
import { PgherdError } from '../../../../common/errors.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'
import { readAt, whenUnreadable, writeAt } from '../disk.ts'
import { temporarySuffix } from '../files.ts'
import { maxPayloadBytes } from '../log/frame.ts'
import { setAside } from '../set-aside.ts'
import type { StoreState } from '../state.ts'
import { decodeTombstone, encodeTombstone } from './tombstone.ts'
import type { Tombstone } from './tombstone.ts'

/** What a file has lost: the selectors of every deletion that names it; none for most. */
export function deletedFrom(state: StoreState, path: string): readonly (readonly Matcher[])[] {
  if (state.tombstones.length === 0) return []
  const name = basename(path)
  return state.tombstones.flatMap(({ files, selectors }) => (files.has(name) ? selectors : []))
}

/** Reads the deletions of a store; a damaged one is set aside, and what it hid comes back. */
export async function recoverTombstones(state: StoreState): Promise<void> {
  const folder = state.paths.tombstones
  const found: Tombstone[] = []
  for (const name of await state.disk.list(folder)) {
    const path = join(folder, name)
    if (name.endsWith(temporarySuffix)) await state.disk.remove(path)
    if (!/^\d{1,15}\.tombstone$/.test(name)) continue
    const tombstone = await whenUnreadable(() => readTombstone(state, path), undefined)
    if (tombstone === undefined) await setAside(state, path)
    else found.push(tombstone)
  }
  state.tombstones = found.sort((a, b) => numberOf(a) - numberOf(b))
}

/** Makes a deletion durable and valid. Errors are those of the file system; then nothing is deleted. */
export async function addTombstone(
  state: StoreState,
  files: readonly string[],
  selectors: readonly (readonly Matcher[])[],
): Promise<void> {
  const { disk, paths, options } = state
  const number = 1 + Math.max(0, ...state.tombstones.map(numberOf))
  const path = join(paths.tombstones, `${number}.tombstone`)
  const tombstone = { path, createdMs: options.clock.now(), files: new Set(files), selectors }
  const temporary = path + temporarySuffix
  const bytes = encodeTombstone(tombstone)
  if (bytes.length > maxPayloadBytes) {
    throw new PgherdError('REQUEST_TOO_LARGE', 'the selectors of the deletion are too long')
  }
  try {
    {
      await using file = await disk.open(temporary, 'w')
      await writeAt(file, bytes, 0)
      await file.sync()
    }
    await disk.rename(temporary, path)
    await disk.syncDirectory(paths.tombstones)
  } catch (error) {
    // After a failed sync the name may be there already.
    for (const leftover of [temporary, path]) await disk.remove(leftover).catch(() => undefined)
    throw error
  }
  state.tombstones = [...state.tombstones, tombstone]
}

/** Removes deletions whose files are all gone. The files must be gone for good first: else their samples came back. */
export async function retireTombstones(state: StoreState): Promise<void> {
  const present = new Set([
    ...state.windows.map(({ log }) => basename(log.path)),
    ...state.blocks.map(({ path }) => basename(path)),
  ])
  const over = state.tombstones.filter(({ files }) => [...files].every((name) => !present.has(name)))
  if (over.length === 0) return
  await state.disk.syncDirectory(state.paths.logs)
  await state.disk.syncDirectory(state.paths.blocks)
  for (const { path } of over) await state.disk.remove(path)
  await state.disk.syncDirectory(state.paths.tombstones)
  state.tombstones = state.tombstones.filter((tombstone) => !over.includes(tombstone))
}

async function readTombstone(state: StoreState, path: string): Promise<Tombstone | undefined> {
  await using file = await state.disk.open(path, 'r')
  const { size } = await file.stat()
  const bytes = await readAt(file, 0, size)
  return bytes === undefined ? undefined : decodeTombstone(path, bytes)
}

function numberOf({ path }: Tombstone): number {
  return Number.parseInt(basename(path), 10)
}
