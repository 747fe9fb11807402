import { createByteBuffer, putBytes } from './bytes.ts'
import type { ByteBuffer } from './bytes.ts'
import type { Disk } from './disk.ts'
import { logPath } from './files.ts'
import type { StorePaths } from './files.ts'
import { createWindowHead, forgetSlots } from './head/window-head.ts'
import type { WindowHead } from './head/window-head.ts'
import { logMagic } from './log/log-file.ts'
import type { LogFile } from './log/log-file.ts'
import { putIdentity } from './log/records.ts'
import type { LogIdentity } from './log/records.ts'

/** A window that is not sealed yet: its samples in memory and in its log. */
export interface OpenWindow {
  readonly identity: LogIdentity
  readonly head: WindowHead
  readonly log: LogFile
  /** Records of the group that is being committed, nothing between two groups; and the slots that existed before it. */
  pending: ByteBuffer
  slotsBefore: number
  lastAppendMs: number
  /** Takes no more samples: it is waiting to be sealed, or being sealed. */
  frozen: boolean
  /** Its log has damaged records and is kept when the window is sealed. */
  readonly damaged: boolean
}

/** Buffers of earlier groups: one for each of a thousand late windows would be as much memory as their samples. */
const freeBuffers: ByteBuffer[] = []
const mostFreeBuffers = 8
const keptBufferBytes = 4 << 20
const noBuffer = createByteBuffer(0)

/** Creates the log of a new window. Errors are those of the file system. */
export async function createOpenWindow(
  paths: StorePaths,
  identity: LogIdentity,
  disk: Disk,
): Promise<OpenWindow> {
  const path = logPath(paths, identity.startMs, identity.generation)
  const handle = await disk.open(path, 'wx')
  return asOpenWindow(identity, createWindowHead(identity.startMs), { path, handle, length: 0 }, false)
}

export function asOpenWindow(
  identity: LogIdentity,
  head: WindowHead,
  log: LogFile,
  damaged: boolean,
): OpenWindow {
  return {
    identity,
    head,
    log,
    pending: noBuffer,
    slotsBefore: head.slotCount,
    lastAppendMs: identity.createdMs,
    frozen: damaged,
    damaged,
  }
}

/** Starts collecting records; a log without content gets its header first. */
export function beginGroup(window: OpenWindow): void {
  window.slotsBefore = window.head.slotCount
  window.pending = freeBuffers.pop() ?? createByteBuffer(1 << 16)
  window.pending.at = 0
  if (window.log.length > 0) return
  putBytes(window.pending, logMagic)
  putIdentity(window.pending, window.identity)
}

/** Forgets the series whose definitions did not reach the disk. */
export function undoGroup(window: OpenWindow): void {
  forgetSlots(window.head, window.slotsBefore)
  endGroup(window)
}

export function endGroup(window: OpenWindow): void {
  const { pending } = window
  window.pending = noBuffer
  if (freeBuffers.length < mostFreeBuffers && pending.bytes.length <= keptBufferBytes)
    freeBuffers.push(pending)
}
