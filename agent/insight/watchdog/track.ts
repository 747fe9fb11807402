import type { Moment, Session } from './session.ts'

/** What is remembered of a session from look to look. */
export interface Track {
  readonly moment: Moment
  /** What it waits for, and since when each look has seen it wait for that in the same statement. */
  readonly wait: { readonly event: string; readonly sinceMs: number }
  /** Since when its COPY has moved nothing; null without one. */
  readonly copy: { readonly bytes: number; readonly sinceMs: number } | null
  /** By the name of a rule. */
  readonly stages: ReadonlyMap<string, Stage>
}

/** How far a rule has gone with a session. */
export interface Stage {
  /** What the rule said, and whether it was tried: one that says something else begins again. */
  readonly terms: string
  /** When it was found, so that a session that has gone on is another case. */
  readonly moment: Moment
  /** The last look in which it fitted. */
  readonly seenMs: number
  readonly cancelledMs: number | null
  readonly terminatedMs: number | null
  /** Nothing more is done. */
  readonly isOver: boolean
  /** Of a signal that could not be sent. */
  readonly notBeforeMs: number
  /** Whether it was told that the caps hold it up. */
  readonly isCapped: boolean
}

/** What happened between two looks that are further apart nobody has seen. */
export const longestGapMs = 30_000

/** @param before undefined for a session that is new, or after a gap */
export function trackOf(before: Track | undefined, session: Session, atMs: number): Track {
  const { transactionStart, queryStart, stateChange, copiedBytes } = session
  const moment = { transactionStart, queryStart, stateChange }
  // A waiter goes from the tuple's lock to that of its owner's transaction, and has waited all the time.
  const event = session.wait.startsWith('Lock:') ? 'Lock' : session.wait
  const isSame = before !== undefined && isSameMoment(before.moment, moment)
  return {
    moment,
    wait: isSame && before.wait.event === event ? before.wait : { event, sinceMs: atMs },
    copy: copyOf(isSame ? before.copy : null, copiedBytes, atMs),
    stages: before?.stages ?? new Map(),
  }
}

function copyOf(before: Track['copy'], bytes: number | null, atMs: number): Track['copy'] {
  if (bytes === null) return null
  return before?.bytes === bytes ? before : { bytes, sinceMs: atMs }
}

export function isSameMoment(a: Moment, b: Moment): boolean {
  return (
    a.transactionStart === b.transactionStart &&
    a.queryStart === b.queryStart &&
    a.stateChange === b.stateChange
  )
}
