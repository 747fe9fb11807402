/** How much more than usual: `urgent` where something is known to change, `whole` for what has to be told once. */
const factors = { usual: 1, urgent: 5, whole: 30 }

/** When a database is looked at again, so that looking stays a small part of one core whatever a look takes. */
export interface Pace {
  isDue(nowMs: number, why: keyof typeof factors): boolean
  /** @param tookMs of the server, at most */
  looked(nowMs: number, tookMs: number): void
}

const leastMs = 2_000
const mostMs = 5 * 60_000

/** @param share of one core that looks may take: with 0.002, one of 100 ms is followed by 50 s without one */
export function createPace(share: number): Pace {
  let lookedMs = -Infinity
  let tookMs = 0
  return {
    isDue: (nowMs, why) =>
      nowMs >= lookedMs + Math.min(mostMs, Math.max(leastMs, tookMs / (share * factors[why]))),
    looked(nowMs, took) {
      lookedMs = nowMs
      tookMs = took
    },
  }
}
