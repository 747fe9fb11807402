/** So many of the last messages count: about a minute. */
const remembered = 12

/** How far an agent's clock is ahead, from the messages that took the shortest way. */
export interface ClockOffset {
  /**
   * @param sentMs the agent's clock when it sent a message
   * @param arrivedMs ours when that arrived
   * @returns `skewMs` of the clock, and how much later than the fastest of the last messages this one came
   */
  note(sentMs: number, arrivedMs: number): { readonly skewMs: number; readonly delayMs: number }
}

/** What waited in a network that was cut, or in a host that stood still, tells its delay by this. */
export function createClockOffset(): ClockOffset {
  const offsets: number[] = []
  return {
    note(sentMs, arrivedMs) {
      const offset = sentMs - arrivedMs
      offsets.push(offset)
      if (offsets.length > remembered) offsets.shift()
      const skewMs = Math.max(...offsets)
      return { skewMs, delayMs: skewMs - offset }
    },
  }
}
