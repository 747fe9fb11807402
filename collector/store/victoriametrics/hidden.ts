/** How old what the engine has taken was, for as long as it may not show it yet. */
export interface Hidden {
  /** So old was the oldest of what was just taken. */
  took(ageMs: number): void
  /** Of all that may not be shown yet, in milliseconds and as old as it is now; 0 when there is none. */
  oldestMs(): number
}

/** Ages noted within this time are one. */
const noteEveryMs = 250

/**
 * VictoriaMetrics collects samples in memory before queries find them, a second's worth at a time. After an outage that
 * may be half an hour of a fleet: whoever looks at its newest sample then sees the past.
 */
export function createHidden(monotonic: () => number, hiddenMs: number): Hidden {
  let notes: { firstMs: number; lastMs: number; ageMs: number }[] = []
  const forget = (now: number) => {
    if (notes[0] !== undefined && now - notes[0].lastMs > hiddenMs) {
      notes = notes.filter(({ lastMs }) => now - lastMs <= hiddenMs)
    }
  }
  return {
    took(ageMs) {
      const now = monotonic()
      forget(now)
      const last = notes.at(-1)
      if (last !== undefined && now - last.firstMs < noteEveryMs) {
        last.ageMs = Math.max(last.ageMs + (now - last.lastMs), ageMs)
        last.lastMs = now
      } else notes.push({ firstMs: now, lastMs: now, ageMs })
    },
    oldestMs() {
      const now = monotonic()
      forget(now)
      return notes.reduce((oldest, { lastMs, ageMs }) => Math.max(oldest, ageMs + (now - lastMs)), 0)
    },
  }
}
