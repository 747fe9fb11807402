/** From and to, milliseconds since the epoch: nobody knows what happened between. */
export type Gap = readonly [number, number]

/** What a message may say of them. */
export const maxGaps = 100
/** Nobody asks further back. */
const keptMs = 400 * 86_400_000

/** None where no time has passed. */
export function gapBetween(fromMs: number, toMs: number): Gap | undefined {
  return toMs > fromMs ? [fromMs, toMs] : undefined
}

/** The gaps in order of time with one more, which is not older. Too many become fewer and longer, never shorter. */
export function addGap(gaps: readonly Gap[], gap: Gap | undefined): readonly Gap[] {
  if (gap === undefined) return gaps
  const kept = gaps.filter(([, toMs]) => toMs > gap[1] - keptMs)
  const last = kept.at(-1)
  if (last !== undefined && last[1] >= gap[0]) {
    return [...kept.slice(0, -1), [Math.min(last[0], gap[0]), Math.max(last[1], gap[1])]]
  }
  const all = [...kept, gap]
  return all.length <= maxGaps ? all : joinNearest(all)
}

/** The two with the least time between them become one. */
function joinNearest(gaps: readonly Gap[]): readonly Gap[] {
  let nearest = 1
  for (let i = 2; i < gaps.length; i++) if (between(gaps, i) < between(gaps, nearest)) nearest = i
  const joined: Gap = [gaps[nearest - 1]![0], gaps[nearest]![1]]
  return [...gaps.slice(0, nearest - 1), joined, ...gaps.slice(nearest + 1)]
}

const between = (gaps: readonly Gap[], i: number): number => gaps[i]![0] - gaps[i - 1]![1]
