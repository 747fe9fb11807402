import { guardLimits } from './guard-limits.ts'
import { emptySpan } from './guard-sample.ts'
import type { GuardSample, GuardSpan } from './guard-sample.ts'
import { addSpans, spanBetween } from './guard-span.ts'

/** What a guard has seen since the window began, or since the agent was started. Its size does not grow with the window. */
export interface WatchMemory {
  readonly last: GuardSample
  /** The last looks, the newest last. */
  readonly recent: readonly GuardSpan[]
  /** All of them together. */
  readonly total: GuardSpan
  /** How often in a row it was worse. */
  readonly worse: number
  /** By clock.monotonic(). */
  readonly lookedMs: number
}

export function beginWatch(last: GuardSample, lookedMs: number): WatchMemory {
  return { last, recent: [], total: emptySpan, worse: 0, lookedMs }
}

export function withLook(memory: WatchMemory, sample: GuardSample, lookedMs: number): WatchMemory {
  const span = spanBetween(memory.last, sample)
  if (span.looks === 0) return { ...memory, last: sample, lookedMs }
  return {
    ...memory,
    last: sample,
    recent: [...memory.recent, span].slice(-guardLimits.recentLooks),
    total: addSpans(memory.total, span),
    lookedMs,
  }
}

export function recentOf({ recent }: WatchMemory): GuardSpan {
  return recent.reduce(addSpans, emptySpan)
}

export function lastOf({ recent }: WatchMemory): GuardSpan {
  return recent.at(-1) ?? emptySpan
}

/** Whether the server has started all its processes anew because one had crashed. */
export function hasCrashed(before: GuardSample, now: GuardSample): boolean {
  return (
    before.serverStartMs === now.serverStartMs &&
    before.workStartMs !== null &&
    now.workStartMs !== null &&
    before.workStartMs !== now.workStartMs
  )
}
