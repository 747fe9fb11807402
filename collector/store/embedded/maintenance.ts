import { PgherdError, systemCodeOf } from '../../../common/errors.ts'
import { hasRoomAgain } from './admit-series.ts'
import { compactBlocks } from './compact.ts'
import type { Committer } from './committer.ts'
import { retireTombstones } from './deletion/tombstone-files.ts'
import { listWindowFiles } from './files.ts'
import { forgetSeries, hasMuchToForget } from './forget.ts'
import { headBytes } from './head/window-head.ts'
import type { OpenWindow } from './open-window.ts'
import { discardWindow, sealWindow } from './seal.ts'
import { removeBlockFile } from './state.ts'
import type { StoreState } from './state.ts'

/** Keeps a store in shape: seals windows that are over, removes what is too old or too much, merges blocks. */
export interface Maintenance {
  run(): Promise<void>
  /** The same without waiting for merges, which may take minutes: windows that end meanwhile are to be sealed. */
  runBesideMerges(): Promise<void>
  /**
   * Seals windows early when they take too much memory; for the committer, between two groups.
   * @throws PgherdError DISK_FULL when they cannot be sealed and all of the memory is used
   */
  relieve(): Promise<void>
  /** Does something while nothing is sealed, merged or removed. Must not wait for the committer. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when no work is going on. */
  idle(): Promise<void>
}

/**
 * Windows that are over and that nobody has written to for a while are sealed when they take more memory than this: those
 * that a sender has filled after an outage, one after the other, need not wait for their slack. By then what was on its
 * way at the end of a window has arrived.
 */
const quietBytes = 2 << 20
const quietMs = 5_000
const settledMs = 60_000

/** On a disk that is full, appends must not each write a part of a block again. */
const reliefPauseMs = 30_000
const fullDisk = new Set(['ENOSPC', 'EDQUOT'])

export function createMaintenance(state: StoreState, committer: () => Committer): Maintenance {
  let last: Promise<void> = Promise.resolve()
  let nextReliefMs = -Infinity
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work)
    last = next.then(
      () => undefined,
      () => undefined,
    )
    return next
  }
  const sealFrozen = (): Promise<void> =>
    oneAtATime(async () => {
      for (const window of state.windows) {
        if (!window.frozen) continue
        try {
          await sealWindow(state, window)
        } catch (error) {
          if (state.closing.aborted) return
          state.options.log.error({ err: error, path: window.log.path }, 'a window could not be sealed')
          nextReliefMs = state.options.clock.monotonic() + reliefPauseMs
          // The next one would fill what little is left, for nothing.
          if (fullDisk.has(systemCodeOf(error) ?? '')) return
        }
      }
    })
  // Beside the others: a long merge must not keep windows from being sealed.
  let compacting: Promise<void> | undefined
  const compact = (): Promise<void> => {
    compacting ??= compactBlocks(state, oneAtATime).finally(() => (compacting = undefined))
    return compacting
  }
  const tend = async (): Promise<void> => {
    await committer().between(() => {
      const now = state.options.clock.now()
      for (const window of state.windows) if (isOver(state, window, now)) window.frozen = true
      for (const window of windowsToRelieve(state)) window.frozen = true
    })
    await sealFrozen()
    // Not one at a time: it waits for the committer, which may be waiting for a window to be sealed.
    if (hasMuchToForget(state)) await forgetSeries(state, committer())
    else if (hasRoomAgain(state)) state.refGeneration++
    await oneAtATime(() => enforceRetention(state))
    await oneAtATime(() => retireTombstones(state))
  }
  return {
    async run() {
      await tend()
      await compact()
      await oneAtATime(() => retireTombstones(state))
    },
    async runBesideMerges() {
      await tend()
      compact().catch((error: unknown) => {
        state.options.log.error({ err: error }, 'merging blocks failed')
      })
    },
    exclusively: oneAtATime,
    async idle() {
      await compacting
      await last
    },
    async relieve() {
      const { clock, maxHeadBytes } = state.options
      if (clock.monotonic() >= nextReliefMs) {
        const freezing = windowsToRelieve(state)
        for (const window of freezing) window.frozen = true
        // Appends go on meanwhile, as long as there is memory.
        if (isFull(state)) await sealFrozen()
        else if (freezing.length > 0) void sealFrozen()
      }
      if (bytesOf(state.windows) <= maxHeadBytes) return
      throw new PgherdError('DISK_FULL', 'no block can be written, and the memory for samples is used up')
    },
  }
}

/** Windows that are to be sealed although they are not over. Half of the memory is for what is being sealed. */
function windowsToRelieve(state: StoreState): OpenWindow[] {
  const { maxLateBytes, maxHeadBytes } = state.options
  const open = state.windows.filter(({ frozen }) => !frozen)
  const late = open.filter((window) => isLate(state, window))
  const lateBytes = bytesOf(late)
  const chosen = new Set(lateBytes > maxLateBytes / 2 ? late : quietWindows(state, late, lateBytes))
  let rest = bytesOf(open) - bytesOf([...chosen])
  if (rest <= maxHeadBytes / 2) return [...chosen]
  for (const window of open.toSorted((a, b) => headBytes(b.head) - headBytes(a.head))) {
    if (rest <= maxHeadBytes / 2) break
    if (!chosen.has(window)) rest -= headBytes(window.head)
    chosen.add(window)
  }
  return [...chosen]
}

/** Of windows that are over those that nobody writes to, until the others are within their share of memory. */
function quietWindows({ options }: StoreState, late: readonly OpenWindow[], lateBytes: number): OpenWindow[] {
  if (lateBytes <= quietBytes) return []
  const now = options.clock.now()
  const chosen: OpenWindow[] = []
  let rest = lateBytes
  for (const window of late.toSorted((a, b) => a.lastAppendMs - b.lastAppendMs)) {
    const { startMs, windowMs } = window.identity
    if (rest <= quietBytes || now < window.lastAppendMs + quietMs) break
    if (now < startMs + windowMs + settledMs) continue
    rest -= headBytes(window.head)
    chosen.push(window)
  }
  return chosen
}

function isFull(state: StoreState): boolean {
  const { maxLateBytes, maxHeadBytes } = state.options
  const late = state.windows.filter((window) => isLate(state, window))
  return bytesOf(state.windows) > maxHeadBytes || bytesOf(late) > maxLateBytes
}

function isLate({ options }: StoreState, { identity }: OpenWindow): boolean {
  return identity.startMs + identity.windowMs < options.clock.now()
}

function bytesOf(windows: readonly OpenWindow[]): number {
  return windows.reduce((sum, { head }) => sum + headBytes(head), 0)
}

/**
 * Past its end by the slack, and without a sample for as long, or open for longer than any window should be:
 * then a trickle of late samples does not keep it open for ever.
 */
function isOver(state: StoreState, { identity, lastAppendMs }: OpenWindow, now: number): boolean {
  const { slackMs } = state.options
  const { startMs, windowMs, createdMs } = identity
  if (now < startMs + windowMs + slackMs) return false
  // What happened in the future says that the clock was wrong then, and nothing about this window.
  const isIdle = now >= lastAppendMs + slackMs || lastAppendMs > now
  return isIdle || now >= createdMs + windowMs + slackMs
}

async function enforceRetention(state: StoreState): Promise<void> {
  const { retentionMs, maxBytes, log } = state.options
  const horizon = state.retentionNow() - retentionMs
  for (const window of state.windows) {
    if (window.frozen && window.identity.startMs + window.identity.windowMs <= horizon) {
      await discardWindow(state, window)
    }
  }
  for (const block of state.blocks) if (block.footer.maxMs < horizon) await removeBlockFile(state, block)
  for (const startMs of state.generations.keys()) {
    if (startMs + state.options.windowMs <= horizon) state.generations.delete(startMs)
  }
  await removeOldEvidence(state, horizon)
  if (maxBytes === undefined) return
  const logBytes = state.windows.reduce((sum, window) => sum + window.log.length, 0)
  let bytes = state.blocks.reduce((sum, block) => sum + block.bytes, logBytes)
  for (const block of state.blocks) {
    if (bytes <= maxBytes) break
    log.warn({ path: block.path, bytes, maxBytes }, 'removing a block to stay within the byte budget')
    bytes -= block.bytes
    await removeBlockFile(state, block)
  }
}

/** Files that were set aside follow the same retention as the samples that were in them. */
async function removeOldEvidence(state: StoreState, horizon: number): Promise<void> {
  for (const folder of [state.paths.logs, state.paths.blocks]) {
    for (const file of await listWindowFiles(state.disk, folder)) {
      const isOld = file.startMs + state.options.windowMs <= horizon
      if (isOld && file.suffix.endsWith('.corrupt')) await state.disk.remove(file.path)
    }
  }
}
