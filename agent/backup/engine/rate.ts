import type { Clock } from '../../../common/clock.ts'

/** Over which time the rate is taken. */
const windowMs = 10_000

/** Bytes per second over the last ten seconds, from what has been done in all; null at the beginning. */
export function createRate(clock: Clock): (bytes: number) => number | null {
  const marks: { readonly atMs: number; readonly bytes: number }[] = [{ atMs: clock.monotonic(), bytes: 0 }]
  return (bytes) => {
    const atMs = clock.monotonic()
    while (marks.length > 1 && atMs - marks[1]!.atMs >= windowMs) marks.shift()
    const since = marks[0]!
    marks.push({ atMs, bytes })
    return atMs === since.atMs ? null : Math.round(((bytes - since.bytes) * 1000) / (atMs - since.atMs))
  }
}
