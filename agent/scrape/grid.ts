/** The first multiple of `intervalMs` after `timeMs`: the wall-clock grid that all agents share. */
export function gridAfter(timeMs: number, intervalMs: number): number {
  return (Math.floor(timeMs / intervalMs) + 1) * intervalMs
}

export interface Slot {
  readonly timestampMs: number
  /** Slots between the last scrape and this one that nothing was measured in. */
  readonly missed: number
}

/**
 * The slot to wait for after the scrape of `lastMs`, at the time `nowMs`. Timestamps grow by it unless the
 * clock was set back by more than an interval: then measuring goes on at the new time.
 */
export function nextSlot(lastMs: number, nowMs: number, intervalMs: number): Slot {
  if (nowMs < lastMs - intervalMs) return { timestampMs: gridAfter(nowMs, intervalMs), missed: 0 }
  const due = gridAfter(lastMs, intervalMs)
  const timestampMs = gridAfter(Math.max(nowMs, lastMs), intervalMs)
  return { timestampMs, missed: (timestampMs - due) / intervalMs }
}

/** The slot to measure when the wait for `slot` ended late, as after a suspend: the latest one that has begun. */
export function latestSlot(slot: Slot, nowMs: number, intervalMs: number): Slot {
  const passed = Math.max(0, Math.floor((nowMs - slot.timestampMs) / intervalMs))
  return { timestampMs: slot.timestampMs + passed * intervalMs, missed: slot.missed + passed }
}
