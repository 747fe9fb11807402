/**
 * Numbers that only grow and are told to a store, which knows no difference between 0 and not being there: so each is not told while
 * it is 0, and the first thing told of it is the 0 from which it comes. What came before that is never lost to `increase()`.
 */
export interface Counters {
  /** Add to them; never less than 0. */
  readonly values: Float64Array
  /** What is to be told now. Undefined for what has never counted. */
  tell(): (number | undefined)[]
  /** Whether there is something that the latest `tell` held back. */
  readonly isBehind: boolean
  /** What has counted so far is where it begins: its time is not now. */
  beginHere(): void
  /** What was counted and no `tell` has given yet; for who goes on in place of these. */
  untold(): Float64Array
}

/** @param together true where all are told as soon as one has counted: the buckets of a histogram */
export function createCounters(count: number, together = false): Counters {
  const values = new Float64Array(count)
  const told = new Uint8Array(count)
  const latest = new Float64Array(count)
  let behind = false
  const begins = (i: number): boolean => told[i] === 0 && (together || values[i]! > 0)
  return {
    values,
    get isBehind() {
      return behind
    },
    tell() {
      behind = false
      const out = new Array<number | undefined>(count)
      for (let i = 0; i < count; i++) {
        if (begins(i)) {
          told[i] = 1
          if (values[i]! > 0) behind = true
          out[i] = 0
        } else out[i] = told[i] === 0 ? undefined : values[i]!
        latest[i] = out[i] ?? 0
      }
      return out
    },
    beginHere() {
      for (let i = 0; i < count; i++) if (begins(i)) told[i] = 1
    },
    untold: () => values.map((value, i) => value - latest[i]!),
  }
}
