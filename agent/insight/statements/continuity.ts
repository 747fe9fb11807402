import type { Look } from './look.ts'

/**
 * What the counters of a look are to those of the look before.
 * - `continues`: they went on; single statements may have begun anew
 * - `emptied`: all were reset in between, so that they count from nothing
 * - `another`: they are those of another server or from a copy, and say nothing about the time in between
 */
export type Continuity = 'continues' | 'emptied' | 'another'

type Facts = Pick<Look, 'takenAt' | 'startedAt' | 'resetAt'>

/** A server keeps its statements over a restart, and loses them in a crash, which it then tells as a reset. */
export function continuityOf(before: Facts, now: Facts): Continuity {
  const restarted = before.startedAt !== now.startedAt
  // Behind an address that moves, a server may answer that has run for long.
  if (restarted && now.startedAt < before.takenAt) return 'another'
  if (before.resetAt !== now.resetAt) {
    return now.resetAt !== undefined && now.resetAt >= before.takenAt ? 'emptied' : 'another'
  }
  // Before 1.9 the extension does not tell whether it has lost something.
  return restarted && now.resetAt === undefined ? 'another' : 'continues'
}
