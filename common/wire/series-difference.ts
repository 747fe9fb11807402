import type { SeriesPart } from './series-bytes.ts'
import { putCopy, putLiteral } from './snappy-write.ts'

/** How a part of a series is made from that of the one before it. */
export interface SeriesDifference {
  /** Bytes at its start that are equal: a copy over the distance of the two. */
  readonly prefix: number
  /** Snappy elements for what lies between, one character per byte, and how many bytes they stand for. */
  readonly middle: string
  readonly middleBytes: number
  /** Bytes at its end that are equal: a copy over the distance of their ends. */
  readonly suffix: number
}

/** Shorter copies cost as much as the bytes themselves. */
const shortestCopy = 4

interface Run {
  /** How far back the bytes lie; 0 for bytes that are new. */
  readonly distance: number
  readonly from: number
  to: number
}

/**
 * Piece by piece: series that follow each other have the same labels in the same order, and differ in one or two.
 * @param distance from the beginning of the earlier part to that of this one
 */
export function seriesDifference(earlier: SeriesPart, part: SeriesPart, distance: number): SeriesDifference {
  const runs = matchPieces(earlier, part, distance)
  const first = runs[0]!
  const prefix = first.distance === distance ? first.to : 0
  const last = runs.at(-1)!
  const atEnd = distance + part.bytes.length - earlier.bytes.length
  const suffix = last.distance === atEnd && last.from >= prefix ? last.to - last.from : 0
  const elements = new Uint8Array(part.bytes.length * 2 + 16)
  let at = 0
  for (const run of runs.slice(prefix > 0 ? 1 : 0, suffix > 0 ? -1 : undefined)) {
    at =
      run.distance === 0
        ? putLiteral(elements, at, part.bytes, run.from, run.to)
        : putCopy(elements, at, run.distance, run.to - run.from)
  }
  return {
    prefix,
    middle: Buffer.from(elements.buffer, 0, at).toString('latin1'),
    middleBytes: part.bytes.length - prefix - suffix,
    suffix,
  }
}

function matchPieces(earlier: SeriesPart, part: SeriesPart, distance: number): readonly Run[] {
  const runs: Run[] = []
  const add = (back: number, from: number, to: number) => {
    if (to <= from) return
    const last = runs.at(-1)
    if (last?.distance === back) last.to = to
    else runs.push({ distance: back, from, to })
  }
  for (let piece = 0; piece < part.ends.length; piece++) {
    const from = piece === 0 ? 0 : part.ends[piece - 1]!
    const to = part.ends[piece]!
    // With one label more or less the pieces from the end on are still in step.
    const twin = Math.max(0, earlier.ends.length - part.ends.length + piece)
    const otherFrom = twin === 0 ? 0 : earlier.ends[twin - 1]!
    const otherTo = earlier.ends[twin]!
    const longest = Math.min(to - from, otherTo - otherFrom)
    let same = 0
    while (same < longest && part.bytes[from + same] === earlier.bytes[otherFrom + same]) same++
    let sameEnd = 0
    while (
      sameEnd < longest - same &&
      part.bytes[to - 1 - sameEnd] === earlier.bytes[otherTo - 1 - sameEnd]
    ) {
      sameEnd++
    }
    add(distance + from - otherFrom, from, from + same)
    add(0, from + same, to - sameEnd)
    add(distance + to - otherTo, to - sameEnd, to)
  }
  return withoutShortCopies(runs)
}

function withoutShortCopies(runs: readonly Run[]): readonly Run[] {
  const kept: Run[] = []
  for (const [i, run] of runs.entries()) {
    // The first and the last are continued by what surrounds them.
    const short = run.to - run.from < shortestCopy && i > 0 && i < runs.length - 1
    const distance = short ? 0 : run.distance
    const last = kept.at(-1)
    if (last?.distance === distance) last.to = run.to
    else kept.push({ distance, from: run.from, to: run.to })
  }
  return kept
}
