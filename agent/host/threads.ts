/**
 * Node does all its file work with four threads. A call that hangs holds one for good, so whoever may hang asks
 * first: one thread always stays free for everybody else.
 */
export interface ThreadBudget {
  /** True, and one more is held, if fewer than `limit` are. */
  take(limit: number): boolean
  release(): void
}

/** Calls that may hang at once, by whom: what is local gets one more than what is remote or a device. */
export const threadLimits = { device: 2, remote: 2, local: 3 }

export function createThreadBudget(): ThreadBudget {
  let held = 0
  return {
    take(limit) {
      if (held >= limit) return false
      held++
      return true
    },
    release() {
      held--
    },
  }
}
