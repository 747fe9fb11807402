import type { Look, Session } from './session.ts'

/** The server's clock beside this host's monotonic one, and how often somebody has set it forward since. */
export interface ServerClock {
  /** Monotonic clock of this host at the last look, milliseconds. */
  readonly atMs: number
  /** Of the server at that look, milliseconds since the epoch. */
  readonly serverMs: number
  readonly jumps: readonly Jump[]
}

interface Jump {
  /** Times of the server before this are of the clock before. */
  readonly untilMs: number
  readonly byMs: number
}

/** A look takes its time, and clocks drift. */
const toleranceMs = 3_000
const mostJumps = 20

/** @param before undefined at the first look: what happened before that nobody can tell */
export function followClock(before: ServerClock | undefined, look: Look): ServerClock | undefined {
  const { atMs, serverMs } = look
  if (serverMs === undefined) return before
  if (before === undefined) return { atMs, serverMs, jumps: [] }
  const elapsedMs = atMs - before.atMs
  const byMs = serverMs - before.serverMs - elapsedMs
  const isForward = byMs > toleranceMs + elapsedMs / 1_000
  const jump: Jump = { untilMs: before.serverMs + byMs, byMs }
  return { atMs, serverMs, jumps: isForward ? [...before.jumps, jump].slice(-mostJumps) : before.jumps }
}

/**
 * A session with how long it has really been so: after a clock was set forward by an hour, or a virtual machine was asleep, each transaction would
 * be an hour old. A clock that was set back makes them younger, which harms nobody.
 */
export function withoutJumps(session: Session, clock: ServerClock | undefined): Session {
  if (clock === undefined || clock.jumps.length === 0) return session
  const { serverMs, jumps } = clock
  const real = (ageMs: number): number => {
    const beganMs = serverMs - ageMs
    const since = jumps.filter(({ untilMs }) => beganMs < untilMs)
    return Math.max(0, ageMs - since.reduce((sum, { byMs }) => sum + byMs, 0))
  }
  const { stateMs, transactionMs, queryMs } = session
  return {
    ...session,
    stateMs: real(stateMs),
    transactionMs: real(transactionMs),
    queryMs: real(queryMs),
  }
}
