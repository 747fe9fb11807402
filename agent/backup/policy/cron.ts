import { Cron } from 'croner'
import { messageOf } from '../../../common/errors.ts'

const shape = 'five fields (minute, hour, day of month, month, day of week) such as "0 1 * * sun"'
/** No schedule that is meant is further away: 29 February comes within eight years. */
const farMs = 9 * 366 * 86_400_000

/**
 * The moments of a cron expression by the clocks of a time zone. Where clocks leap forward over a fixed time, the moment is the first
 * after the gap; where an hour comes twice, a fixed time is its first one. Without fixed hours each hour has its moment. Day of
 * month and day of week are alternatives when both are given.
 */
export interface CronMoments {
  /** The first moment later than this one, milliseconds since the epoch; undefined when there is none. */
  after(ms: number): number | undefined
  /** The last moment that is not later than this one. */
  upTo(ms: number): number | undefined
}

/** @throws Error when it is none; ask `cronProblem` before */
export function cronMoments(expression: string, timeZone: string): CronMoments {
  const cron = parse(expression, timeZone)
  return {
    after: (ms) => within(cron.nextRuns(1, new Date(ms))[0]?.getTime(), ms),
    // Croner's previous is strictly before, to the millisecond.
    upTo: (ms) => within(cron.previousRuns(1, new Date(ms + 1))[0]?.getTime(), ms),
  }
}

/** What is allowed in its place, or undefined when the expression is good. */
export function cronProblem(expression: string): string | undefined {
  // Croner also takes nicknames, moments and `?`, which other crons read differently.
  if (expression.trim().split(/\s+/).length !== 5 || expression.includes('?')) return shape
  try {
    const moments = cronMoments(expression, 'UTC')
    if (moments.after(0) === undefined) return `${shape}; there is no such day`
    return undefined
  } catch (error) {
    return `${shape}; ${messageOf(error).replace(/^CronPattern: /, '')}`
  }
}

function parse(expression: string, timezone: string): Cron {
  return new Cron(expression.trim(), {
    paused: true,
    timezone,
    mode: '5-part',
    // Lists such as `30 2,14 * * *` are fixed times as well: none is left out, none comes twice.
    fixedTimeRule: 'no-wildcard',
  })
}

function within(moment: number | undefined, ms: number): number | undefined {
  return moment !== undefined && Math.abs(moment - ms) <= farMs ? moment : undefined
}
