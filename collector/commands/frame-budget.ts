/** A token bucket: how many frames a sender may send. */
export interface FrameBudget {
  /** Takes one frame's share; false when there is none left. */
  take(nowMs: number): boolean
}

/** @param options `perSecond` frames for ever, and `burst` at once after a pause */
export function createFrameBudget(options: { perSecond: number; burst: number }, nowMs: number): FrameBudget {
  let tokens = options.burst
  let refilledMs = nowMs
  return {
    take(now) {
      tokens = Math.min(options.burst, tokens + ((now - refilledMs) / 1000) * options.perSecond)
      refilledMs = now
      if (tokens < 1) return false
      tokens--
      return true
    },
  }
}
