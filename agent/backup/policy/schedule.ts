import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { cronMoments } from './cron.ts'
import type { CronMoments } from './cron.ts'

/** The fuller before the less full, and then what looks at them. */
export const scheduled = ['full', 'diff', 'incr', 'verify', 'drill'] as const
export type ScheduledOperation = (typeof scheduled)[number]

/** One moment of a schedule, and until when it may begin. Milliseconds since the epoch. */
export interface ScheduledSlot {
  readonly operation: ScheduledOperation
  readonly slotMs: number
  /** The end of its window, or its operation's next moment if that is sooner. */
  readonly closesMs: number
}

export interface Schedule {
  /** Each operation's newest moment whose window is open, the fullest first. */
  open(nowMs: number): readonly ScheduledSlot[]
  /** Each operation's next moment after now, the soonest first. */
  next(nowMs: number): readonly ScheduledSlot[]
  /** All moments later than one and not later than another, in their order; at most so many. */
  between(afterMs: number, upToMs: number, limit: number): readonly ScheduledSlot[]
  /**
   * Slots that closed later than one moment and not later than another, in their order: who asks with the end of the last question
   * hears of each once. After a clock that jumped back there are none; after one that jumped far ahead, the last ones of each operation.
   */
  closed(afterMs: number, upToMs: number, limit: number): readonly ScheduledSlot[]
}

type Timed = Pick<BackupPolicy, 'schedules' | 'timeZone' | 'windowMs'>

/**
 * The moments of a policy's schedules, all of them functions of a given now. Where two kinds of backup have the same moment only the
 * fuller one has a slot.
 */
export function scheduleOf({ schedules, timeZone, windowMs }: Timed): Schedule {
  const all = scheduled.flatMap((operation) => {
    const expression = schedules[operation]
    return expression === undefined ? [] : [{ operation, moments: cronMoments(expression, timeZone) }]
  })
  const planned = all.map(({ operation, moments }, i) => {
    const fuller = isBackup(operation) ? all.slice(0, i).map((one) => one.moments) : []
    return { operation, moments: without(moments, fuller) }
  })
  const slot = ({ operation, moments }: (typeof planned)[number], slotMs: number): ScheduledSlot => ({
    operation,
    slotMs,
    closesMs: Math.min(slotMs + windowMs, moments.after(slotMs) ?? Infinity),
  })

  return {
    open: (nowMs) =>
      planned.flatMap((one) => {
        const newest = one.moments.upTo(nowMs)
        return newest !== undefined && nowMs < newest + windowMs ? [slot(one, newest)] : []
      }),

    next: (nowMs) =>
      planned
        .flatMap((one) => {
          const next = one.moments.after(nowMs)
          return next === undefined ? [] : [slot(one, next)]
        })
        .toSorted(bySlot),

    between: (afterMs, upToMs, limit) =>
      planned
        .flatMap((one) => [...forward(one.moments, afterMs, upToMs, limit)].map((ms) => slot(one, ms)))
        .toSorted(bySlot)
        .slice(0, limit),

    closed: (afterMs, upToMs, limit) =>
      planned
        .flatMap((one) => {
          const slots: ScheduledSlot[] = []
          for (const ms of backward(one.moments, upToMs, limit + 1)) {
            const found = slot(one, ms)
            if (found.closesMs <= afterMs) break
            if (found.closesMs <= upToMs) slots.push(found)
          }
          return slots.slice(0, limit)
        })
        .toSorted((a, b) => a.closesMs - b.closesMs || bySlot(a, b)),
  }
}

const isBackup = (operation: ScheduledOperation): boolean => operation !== 'verify' && operation !== 'drill'

/** So many moments of a fuller kind in sequence, and it is taken that there are only such. */
const maxShared = 400

function without(moments: CronMoments, fuller: readonly CronMoments[]): CronMoments {
  const isShared = (ms: number): boolean => fuller.some((one) => one.upTo(ms) === ms)
  const own = (
    from: number,
    step: (ms: number) => number | undefined,
    past: (ms: number) => number,
  ): number | undefined => {
    let ms = step(from)
    for (let i = 0; i < maxShared && ms !== undefined; i++) {
      if (!isShared(ms)) return ms
      ms = step(past(ms))
    }
    return undefined
  }
  return {
    after: (ms) =>
      own(
        ms,
        (from) => moments.after(from),
        (found) => found,
      ),
    upTo: (ms) =>
      own(
        ms,
        (from) => moments.upTo(from),
        (found) => found - 1,
      ),
  }
}

function* forward(moments: CronMoments, afterMs: number, upToMs: number, limit: number): Generator<number> {
  let ms = moments.after(afterMs)
  for (let i = 0; i < limit && ms !== undefined && ms <= upToMs; i++) {
    yield ms
    ms = moments.after(ms)
  }
}

function* backward(moments: CronMoments, upToMs: number, limit: number): Generator<number> {
  let ms = moments.upTo(upToMs)
  for (let i = 0; i < limit && ms !== undefined; i++) {
    yield ms
    ms = moments.upTo(ms - 1)
  }
}

function bySlot(a: ScheduledSlot, b: ScheduledSlot): number {
  return a.slotMs - b.slotMs || scheduled.indexOf(a.operation) - scheduled.indexOf(b.operation)
}
