/**
 * What windows that stand side by side hold of one counter: its last sample in each, the lowest and the highest; NaN where a
 * window has none. The first window is the one before the range: only its last sample counts, as where the range begins.
 */
export interface CounterWindows {
  readonly last: Float64Array
  readonly lowest: Float64Array
  readonly highest: Float64Array
}

/**
 * By how much the counter grew within each window behind the first. Nothing is extrapolated, so that the sum is what was counted.
 * Across windows without samples the growth counts where the counter is seen again; a counter that appears within the range grows
 * from its first value, and one that was set back from zero, plus what it had grown until then as far as a sample tells.
 */
export function counterSteps({ last, lowest, highest }: CounterWindows): Float64Array {
  const grown = new Float64Array(Math.max(0, last.length - 1))
  let before = last[0]!
  for (let i = 1; i < last.length; i++) {
    const now = last[i]!
    if (Number.isNaN(now)) continue
    const base = Number.isNaN(before) ? lowest[i]! : before
    const isBelow = lowest[i]! < base
    const untilThen = highest[i]! > now ? Math.max(0, highest[i]! - base) : 0
    grown[i - 1] = isBelow ? untilThen + now : now - base
    before = now
  }
  return grown
}

/** Whether the counter began anew within the range: its agent did, or gave its series to another statement for a while. */
export function wasSetBack({ last, lowest }: Pick<CounterWindows, 'last' | 'lowest'>): boolean {
  let before = last[0]!
  for (let i = 1; i < last.length; i++) {
    if (lowest[i]! < before) return true
    if (!Number.isNaN(last[i]!)) before = last[i]!
  }
  return false
}
