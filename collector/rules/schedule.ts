import { createHash } from 'node:crypto'

/** The moments at which a group is evaluated: a grid of its interval, moved by an offset of its own. */
export interface Grid {
  readonly intervalMs: number
  readonly offsetMs: number
}

/** Spreads the groups over the interval; the same group keeps its place over restarts. */
export function gridOf(group: {
  readonly file: string
  readonly name: string
  readonly intervalMs: number
}): Grid {
  const hash = createHash('sha256').update(`${group.file}\u0000${group.name}`).digest().readUIntBE(0, 6)
  return { intervalMs: group.intervalMs, offsetMs: hash % group.intervalMs }
}

/** The first moment of the grid after `timeMs`. */
export function nextSlot({ intervalMs, offsetMs }: Grid, timeMs: number): number {
  return (Math.floor((timeMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs
}

/**
 * The moment to evaluate at after the one at `lastMs`, when it is `nowMs`. Moments that have passed in the meantime
 * are missed, not made up for: their alerts would be old. A timer may fire a moment early, which must not
 * repeat a slot; a clock that was set back starts a new grid.
 */
export function slotAfter(grid: Grid, lastMs: number, nowMs: number): { slotMs: number; missed: number } {
  const wasSetBack = nowMs < lastMs - grid.intervalMs
  const slotMs = nextSlot(grid, wasSetBack ? nowMs : Math.max(nowMs, lastMs))
  return { slotMs, missed: wasSetBack ? 0 : (slotMs - lastMs) / grid.intervalMs - 1 }
}
