import type { TimelineSwitch } from './history-file.ts'
import { segmentOfLsn } from './segments.ts'

/** A stretch of segments that recovery takes from one timeline. */
export interface PathPiece {
  readonly timeline: number
  /** The first segment number, and the one behind the last. */
  readonly from: number
  readonly to: number
}

/**
 * From which timeline recovery to `timeline` takes which segment. That with the switch itself is the new timeline's: it begins
 * with a copy of what the old one has of it (xlogrecovery.c, XLogFileReadAnyTLI). Without its history a timeline has no ancestors.
 */
export function pathTo(
  timeline: number,
  histories: ReadonlyMap<number, readonly TimelineSwitch[]>,
  segmentBytes: number,
): readonly PathPiece[] {
  const pieces: PathPiece[] = []
  let from = 0
  for (const left of histories.get(timeline) ?? []) {
    const to = segmentOfLsn(left.lsn, segmentBytes)
    if (to === undefined) continue
    pieces.push({ timeline: left.timeline, from, to })
    from = to
  }
  return [...pieces, { timeline, from, to: Infinity }]
}

export function isOnPath(path: readonly PathPiece[], timeline: number, number: number): boolean {
  return path.some((piece) => piece.timeline === timeline && piece.from <= number && number < piece.to)
}
