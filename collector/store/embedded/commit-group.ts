import { dirname } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import type { AppendResult } from '../storage.ts'
import { addSamples } from './head/add-samples.ts'
import { defineSlot, slotOf } from './head/window-head.ts'
import { releaseSeries, useSeries } from './index/activity.ts'
import { labelsOf } from './index/series-columns.ts'
import { appendToLog, cutBack } from './log/log-file.ts'
import { putSamples, putSeries } from './log/records.ts'
import type { SlotSamples } from './log/records.ts'
import { beginGroup, createOpenWindow, endGroup, undoGroup } from './open-window.ts'
import type { OpenWindow } from './open-window.ts'
import { createSampleBuffer, wordsOf } from './sample-buffer.ts'
import { addWindow, nextGeneration } from './state.ts'
import type { StoreState } from './state.ts'

/** Samples of one append() on their way to the disk. */
export interface AppendRequest {
  /** Another array when the series get new refs while it waits: this one is the caller's. */
  refs: Uint32Array
  readonly timestamps: Float64Array
  readonly values: Float64Array
}

/** The samples of one request that belong to one window. */
interface Part {
  readonly window: OpenWindow
  readonly batch: SlotSamples
  readonly request: number
}

/**
 * Writes a group of requests with one write and one sync per window, then makes it visible. Either all of the
 * group is kept, or none of it is.
 * @throws PgherdError DISK_FULL
 */
export async function commitGroup(
  state: StoreState,
  requests: readonly AppendRequest[],
): Promise<AppendResult[]> {
  const touched = new Map<OpenWindow, number>()
  const results = requests.map(() => ({ stored: 0, duplicate: 0, outOfBounds: 0 }))
  const parts: Part[] = []
  try {
    for (const [i, request] of requests.entries()) {
      results[i]!.outOfBounds = await route(state, request, i, touched, parts)
    }
    for (const part of parts) putSamples(part.window.pending, part.batch)
    await writeAll(state, [...touched.keys()])
  } catch (error) {
    await undo(state, touched)
    throw asDiskFull(error)
  }
  const now = state.options.clock.now()
  for (const window of touched.keys()) {
    endGroup(window)
    window.lastAppendMs = now
  }
  for (const part of parts) {
    const duplicates = addSamples(part.window.head, part.batch)
    results[part.request]!.duplicate += duplicates
    results[part.request]!.stored += part.batch.samples.count - duplicates
    keepBatch(part.batch)
  }
  return results
}

/** Sorts the samples of a request into windows and says how many were out of bounds. */
async function route(
  state: StoreState,
  request: AppendRequest,
  index: number,
  touched: Map<OpenWindow, number>,
  parts: Part[],
): Promise<number> {
  const { clock, retentionMs, futureMs, windowMs } = state.options
  const bounds = {
    oldest: Math.max(0, Math.min(clock.now(), state.retentionNow()) - retentionMs),
    newest: clock.now() + futureMs,
  }
  const { refs, timestamps } = request
  const words = wordsOf(request.values)
  const mine = new Map<number, Part>()
  let outOfBounds = 0
  for (let i = 0; i < refs.length;) {
    const time = Math.floor(timestamps[i]!)
    if (!(time >= bounds.oldest && time <= bounds.newest)) {
      outOfBounds++
      i++
      continue
    }
    const startMs = time - (time % windowMs)
    let part = mine.get(startMs)
    if (part === undefined) {
      const capacity = mine.size === 0 ? refs.length - i : 64
      part = newPart(await windowFor(state, startMs, touched), index, capacity)
      mine.set(startMs, part)
      parts.push(part)
    }
    i = pushRun(state, part, request, words, bounds, i)
  }
  return outOfBounds
}

interface Bounds {
  readonly oldest: number
  readonly newest: number
}

/** Takes samples from `first` on for as long as they belong to the window; returns the first that does not. */
function pushRun(
  state: StoreState,
  part: Part,
  { refs, timestamps }: AppendRequest,
  words: Uint32Array,
  bounds: Bounds,
  first: number,
): number {
  const { startMs, windowMs } = part.window.identity
  const least = Math.max(startMs, bounds.oldest)
  const most = Math.min(startMs + windowMs - 1, bounds.newest)
  let i = first
  for (; i < refs.length; i++) {
    const time = Math.floor(timestamps[i]!)
    if (!(time >= least && time <= most)) break
    pushTo(state, part, refs[i]!, time - startMs, words[2 * i]!, words[2 * i + 1]!)
  }
  return i
}

function pushTo(state: StoreState, part: Part, ref: number, offset: number, low: number, high: number): void {
  const { window, batch } = part
  const { samples } = batch
  let slot = slotOf(window.head, ref)
  if (slot < 0) {
    slot = defineSlot(window.head, ref)
    useSeries(state.activity, ref)
    putSeries(window.pending, slot, labelsOf(state.table, ref))
  }
  if (samples.count === samples.offsets.length) growPart(batch)
  const at = samples.count++
  batch.slots[at] = slot
  samples.offsets[at] = offset
  samples.words[2 * at] = low
  samples.words[2 * at + 1] = high
}

function newPart(window: OpenWindow, request: number, capacity: number): Part {
  const kept = freeBatches.pop()
  if (kept !== undefined) kept.samples.count = 0
  const batch = kept ?? { slots: new Uint32Array(capacity), samples: createSampleBuffer(capacity) }
  return { window, request, batch }
}

/** Buffers of earlier groups, a few of them and none that is large. */
const freeBatches: SlotSamples[] = []
const mostFreeBatches = 16
const largestFreeBatch = 16_384

function keepBatch(batch: SlotSamples): void {
  if (freeBatches.length < mostFreeBatches && batch.slots.length <= largestFreeBatch) freeBatches.push(batch)
}

function growPart(batch: SlotSamples): void {
  const { samples } = batch
  const grown = createSampleBuffer(Math.max(64, samples.count * 2))
  grown.offsets.set(samples.offsets)
  grown.values.set(samples.values)
  samples.offsets = grown.offsets
  samples.values = grown.values
  samples.words = grown.words
  const slots = new Uint32Array(samples.offsets.length)
  slots.set(batch.slots)
  batch.slots = slots
}

async function windowFor(
  state: StoreState,
  startMs: number,
  touched: Map<OpenWindow, number>,
): Promise<OpenWindow> {
  const { windowMs, clock } = state.options
  let window = state.windows.findLast(({ identity, frozen }) => identity.startMs === startMs && !frozen)
  if (window === undefined) {
    const identity = {
      startMs,
      windowMs,
      generation: nextGeneration(state, startMs),
      createdMs: clock.now(),
    }
    window = await createOpenWindow(state.paths, identity, state.disk)
    addWindow(state, window)
  }
  if (!touched.has(window)) {
    touched.set(window, window.log.length)
    beginGroup(window)
  }
  return window
}

/** Waits for every write, also after one has failed: none may go on while the logs are cut back. */
async function writeAll(state: StoreState, windows: readonly OpenWindow[]): Promise<void> {
  const outcomes = await Promise.allSettled(windows.map((window) => write(state, window)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

async function write(state: StoreState, window: OpenWindow): Promise<void> {
  const isNew = window.log.length === 0
  await appendToLog(window.log, window.pending)
  if (isNew) await state.disk.syncDirectory(dirname(window.log.path))
}

/** A log that cannot be cut back takes no more samples: its torn end must stay the end. */
async function undo(state: StoreState, touched: ReadonlyMap<OpenWindow, number>): Promise<void> {
  for (const [window, length] of touched) {
    const { head, slotsBefore } = window
    for (let slot = slotsBefore; slot < head.slotCount; slot++)
      releaseSeries(state.activity, head.refs[slot]!)
    undoGroup(window)
    try {
      await cutBack(window.log, length)
    } catch (error) {
      window.frozen = true
      state.options.log.error({ err: error, path: window.log.path }, 'a log could not be cut back')
    }
  }
}

function asDiskFull(error: unknown): PgherdError {
  const reason = systemCodeOf(error) ?? messageOf(error)
  return new PgherdError('DISK_FULL', `the samples could not be written: ${reason}`, { cause: error })
}
