import { openBlock } from './block/block.ts'
import type { Block } from './block/block.ts'
import { hasItsName } from './block/block-name.ts'
import { deletedFrom, recoverTombstones } from './deletion/tombstone-files.ts'
import { blockSuffix, listWindowFiles, logSuffix, parseWindowName, temporarySuffix } from './files.ts'
import type { WindowFile } from './files.ts'
import { addSamples } from './head/add-samples.ts'
import { createWindowHead, defineSlot, slotOf } from './head/window-head.ts'
import type { WindowHead } from './head/window-head.ts'
import { internSymbols } from './index/series-table.ts'
import { createByteSymbols } from './log/byte-symbols.ts'
import type { ByteSymbols } from './log/byte-symbols.ts'
import { replayLog } from './log/replay.ts'
import type { ReplaySink } from './log/replay.ts'
import type { LogIdentity, SlotSamples } from './log/records.ts'
import { copySample } from './merge.ts'
import { asOpenWindow } from './open-window.ts'
import type { OpenWindow } from './open-window.ts'
import { whenUnreadable } from './disk.ts'
import { setAside } from './set-aside.ts'
import { removeUnfinishedSnapshots } from './snapshot/snapshot-files.ts'
import { addBlock, addWindow, noteGeneration } from './state.ts'
import type { StoreState } from './state.ts'

/**
 * Finds the blocks and deletions of a store and rebuilds its open windows from their logs. What a crash has left is
 * removed for good, so that no later crash brings it back beside files of the same name.
 */
export async function recover(state: StoreState): Promise<void> {
  const { disk, paths } = state
  await removeUnfinishedSnapshots(state)
  await recoverTombstones(state)
  await noteGenerations(state)
  await recoverBlocks(state)
  const symbolFor = createByteSymbols(state.table.symbols)
  for (const file of await listWindowFiles(state.disk, state.paths.logs)) {
    if (file.suffix !== logSuffix) continue
    // The block was finished, and the crash came before its log was removed.
    if (state.blocks.some(({ footer }) => covers(footer, file))) await state.disk.remove(file.path)
    else await recoverLog(state, file, symbolFor)
  }
  freezeAllButTheLast(state)
  for (const folder of [paths.logs, paths.blocks, paths.tombstones]) await disk.syncDirectory(folder)
}

async function noteGenerations(state: StoreState): Promise<void> {
  const { disk, paths, tombstones } = state
  const named = tombstones.flatMap(({ files }) => [...files].map(parseWindowName))
  const present = [await listWindowFiles(disk, paths.logs), await listWindowFiles(disk, paths.blocks)]
  for (const file of [...named, ...present.flat()]) {
    if (file !== undefined) noteGeneration(state, file.startMs, file.generation)
  }
}

async function recoverBlocks(state: StoreState): Promise<void> {
  const found: Block[] = []
  for (const file of await listWindowFiles(state.disk, state.paths.blocks)) {
    if (file.suffix === blockSuffix + temporarySuffix) await state.disk.remove(file.path)
    if (file.suffix !== blockSuffix) continue
    const block = await whenUnreadable(() => openBlock(file.path, state.disk), undefined)
    if (block === undefined || !hasItsName(block)) await setAside(state, file.path)
    else found.push(block)
  }
  for (const block of found) {
    if (found.some((other) => replaces(other, block))) await state.disk.remove(block.path)
    else addBlock(state, block)
  }
}

function covers(
  footer: Block['footer'],
  { startMs, generation }: { startMs: number; generation: number },
): boolean {
  return footer.windows.some(
    (window) =>
      window.startMs === startMs && window.lowestGeneration <= generation && generation <= window.generation,
  )
}

/** Whether a block was made of another one, and perhaps more. */
function replaces(block: Block, other: Block): boolean {
  if (block === other) return false
  if (!other.footer.windows.every((window) => covers(block.footer, window))) return false
  // Two that stand for the same: the one that was written later.
  const isMutual = block.footer.windows.every((window) => covers(other.footer, window))
  return !isMutual || block.footer.generation > other.footer.generation
}

async function recoverLog(state: StoreState, file: WindowFile, symbolFor: ByteSymbols): Promise<void> {
  const sink = createHeadSink(state, file.startMs)
  const replayed = await whenUnreadable(() => replayLog(file.path, sink, symbolFor, state.disk), undefined)
  if (replayed === undefined) {
    await setAside(state, file.path)
    return
  }
  const { goodBytes, damaged } = replayed
  const { head } = sink
  const identity = sink.identity ?? identityFromName(state, file, head)
  if (identity === undefined) {
    // Nothing was ever acknowledged in a log without its first record, unless it was damaged later.
    if (damaged === 0) await state.disk.remove(file.path)
    else await setAside(state, file.path)
    return
  }
  if (identity.startMs !== file.startMs || identity.generation !== file.generation) {
    await setAside(state, file.path)
    return
  }
  const handle = await state.disk.open(file.path, 'r+')
  if (damaged === 0) await handle.truncate(goodBytes)
  const window = asOpenWindow(identity, head, { path: file.path, handle, length: goodBytes }, damaged > 0)
  // Samples that come after a deletion belong to a log that it does not name.
  const isDeletedFrom = deletedFrom(state, file.path).length > 0
  window.frozen ||= identity.windowMs !== state.options.windowMs || isDeletedFrom
  addWindow(state, window)
  state.counters.corruptions += damaged
  state.options.log.info({ path: file.path, samples: head.samples, damaged }, 'replayed a log')
}

/** For a log whose first record alone is damaged. */
function identityFromName(state: StoreState, file: WindowFile, head: WindowHead): LogIdentity | undefined {
  if (head.samples === 0) return undefined
  const { windowMs, clock } = state.options
  return { startMs: file.startMs, windowMs, generation: file.generation, createdMs: clock.now() }
}

interface HeadSink extends ReplaySink {
  readonly head: WindowHead
  readonly identity: LogIdentity | undefined
}

/** Puts the content of a log into a new head. Slots are mapped, because a damaged record may lack a series. */
function createHeadSink(state: StoreState, startMs: number): HeadSink {
  const head = createWindowHead(startMs)
  const slots: number[] = []
  let identity: LogIdentity | undefined
  return {
    head,
    get identity() {
      return identity
    },
    found(value) {
      identity = value
    },
    series(slot, symbols, length) {
      const ref = internSymbols(state.table, symbols, 0, length)
      const known = slotOf(head, ref)
      while (slots.length <= slot) slots.push(unknownSlot)
      slots[slot] = known < 0 ? defineSlot(head, ref) : known
    },
    samples(batch) {
      addSamples(head, withKnownSlots(batch, slots))
    },
  }
}

const unknownSlot = -1

/** Translates slots of the log to slots of the head, in place; samples of an unknown series are left out. */
function withKnownSlots(batch: SlotSamples, slots: readonly number[]): SlotSamples {
  const { samples } = batch
  let to = 0
  for (let i = 0; i < samples.count; i++) {
    const slot = slots[batch.slots[i]!] ?? unknownSlot
    if (slot === unknownSlot) continue
    batch.slots[to] = slot
    if (to !== i) copySample(samples, i, samples, to)
    to++
  }
  samples.count = to
  return batch
}

/** Only the newest generation of a window takes samples. */
function freezeAllButTheLast(state: StoreState): void {
  const last = new Map<number, OpenWindow>()
  for (const window of state.windows) {
    const older = last.get(window.identity.startMs)
    if (older !== undefined) older.frozen = true
    last.set(window.identity.startMs, window)
  }
}
