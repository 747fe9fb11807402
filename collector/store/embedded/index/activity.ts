/** Which series of a table are in open windows: what limits, statistics and forgetting go by. */
export interface Activity {
  /** By ref: the number of open windows that have it. */
  uses: Uint16Array
  /** By ref: 1 while it is new and nothing of it has been stored yet. */
  expected: Uint8Array
  /** Series in open windows. */
  stored: number
  /** Series that are new and not stored yet: they are on their way, and count against limits. */
  waiting: number
}

const mostUses = 0xffff

export function createActivity(): Activity {
  return { uses: new Uint16Array(64), expected: new Uint8Array(64), stored: 0, waiting: 0 }
}

/** A series has become known, and its first sample is on the way. */
export function expectSeries(activity: Activity, ref: number): void {
  reserve(activity, ref)
  activity.expected[ref] = 1
  activity.waiting++
}

/** An open window has got the series. */
export function useSeries(activity: Activity, ref: number): void {
  reserve(activity, ref)
  if (activity.expected[ref] === 1) {
    activity.expected[ref] = 0
    activity.waiting--
  }
  if (activity.uses[ref] === mostUses) throw new Error('a series is in too many open windows')
  if (activity.uses[ref] === 0) activity.stored++
  activity.uses[ref]!++
}

/** An open window that had the series is gone, or has taken it back. */
export function releaseSeries(activity: Activity, ref: number): void {
  if (--activity.uses[ref]! === 0) activity.stored--
}

function reserve(activity: Activity, ref: number): void {
  if (ref < activity.uses.length) return
  const uses = new Uint16Array(Math.max(ref + 1, activity.uses.length * 2))
  uses.set(activity.uses)
  activity.uses = uses
  const expected = new Uint8Array(uses.length)
  expected.set(activity.expected)
  activity.expected = expected
}
