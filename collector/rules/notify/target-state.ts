import type { Clock } from '../../../common/clock.ts'

/** How it goes with somebody who is told of alerts; times are milliseconds since the epoch. */
export interface TargetState {
  /** Null until it was tried. */
  readonly up: boolean | null
  /** When something was taken last. */
  readonly lastSentMs: number | null
  /** What went wrong last, also when it has worked since; `up` says which of both. */
  readonly lastError: string | null
  readonly lastErrorMs: number | null
}

export interface TargetStateKeeper {
  readonly state: TargetState
  sent(): void
  /** @param problem - without secrets: people are shown it */
  failed(problem: string): void
  /** It answers, or does not; nothing was sent. */
  looked(problem: string | undefined): void
}

export function createTargetState(clock: Clock): TargetStateKeeper {
  let state: TargetState = { up: null, lastSentMs: null, lastError: null, lastErrorMs: null }
  const failed = (problem: string): void => {
    state = { ...state, up: false, lastError: problem, lastErrorMs: clock.now() }
  }
  return {
    get state() {
      return state
    },
    sent() {
      state = { ...state, up: true, lastSentMs: clock.now() }
    },
    failed,
    looked(problem) {
      if (problem === undefined) state = { ...state, up: true }
      else failed(problem)
    },
  }
}
