/**
 * How many frames an agent may send: agents keep to less, the collector closes a channel on which more come. A frame costs
 * more the longer it is, so that the bound holds for bytes as well: about 3 MiB per second.
 */
export const frameLimits = { perSecond: 50, burst: 200 } as const

/** What a frame of so many characters takes of the budget. */
export function frameCost(length: number): number {
  return 1 + Math.floor(length / 65_536)
}

/** A token bucket. */
export interface FrameBudget {
  /** Takes the cost of one frame; false when there is not enough left, and then takes nothing. */
  take(nowMs: number, cost: number): boolean
  /** Takes it in any case: what comes later waits for longer. */
  force(nowMs: number, cost: number): void
  /** Milliseconds until a frame of that cost can be taken. */
  waitMs(nowMs: number, cost: number): number
}

/** @param options `perSecond` for ever, and `burst` at once after a pause */
export function createFrameBudget(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  nowMs: number,
): FrameBudget {
  let tokens = burst
  let refilledMs = nowMs
  const refill = (now: number) => {
    tokens = Math.min(burst, tokens + ((now - refilledMs) / 1000) * perSecond)
    refilledMs = now
  }
  return {
    take(now, cost) {
      refill(now)
      if (tokens < cost) return false
      tokens -= cost
      return true
    },
    force(now, cost) {
      refill(now)
      tokens -= cost
    },
    waitMs(now, cost) {
      refill(now)
      return Math.max(0, ((cost - tokens) / perSecond) * 1000)
    },
  }
}
