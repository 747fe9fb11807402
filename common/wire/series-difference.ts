import type { SeriesHead } from './series-bytes.ts'
import { putCopy, putLiteral } from './snappy-write.ts'

/** How the head of a series is made from that of the one before it. */
export interface SeriesDifference {
  /** Bytes at its start that are equal: a copy over the length of the previous entry. */
  readonly prefix: number
  /** Snappy elements for what lies between, one character per byte, and how many bytes they stand for. */
  readonly middle: string
  readonly middleBytes: number
  /** Bytes at its end that are equal: a copy over the length of its own entry. */
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
 * Part by part: series that follow each other have the same labels in the same order, and differ in one or two.
 * @param rest bytes of an entry behind its head, the same for both
 */
export function seriesDifference(previous: SeriesHead, head: SeriesHead, rest: number): SeriesDifference {
  const runs = matchParts(previous, head, previous.bytes.length + rest)
  const total = head.bytes.length + rest
  const first = runs[0]
  const prefix = first?.distance === previous.bytes.length + rest ? first.to : 0
  const last = runs.at(-1)
  const suffix = last?.distance === total && last.from >= prefix ? last.to - last.from : 0
  const between = runs.slice(prefix > 0 ? 1 : 0, suffix > 0 ? -1 : undefined)
  const middleBytes = head.bytes.length - prefix - suffix
  const elements = new Uint8Array(middleBytes * 2 + 16)
  let at = 0
  for (const { distance, from, to } of between) {
    at =
      distance === 0
        ? putLiteral(elements, at, head.bytes, from, to)
        : putCopy(elements, at, distance, to - from)
  }
  return {
    prefix,
    middle: Buffer.from(elements.buffer, 0, at).toString('latin1'),
    middleBytes,
    suffix,
  }
}

function matchParts(previous: SeriesHead, head: SeriesHead, previousTotal: number): readonly Run[] {
  const runs: Run[] = []
  const add = (distance: number, from: number, to: number) => {
    if (to <= from) return
    const last = runs.at(-1)
    if (last?.distance === distance) last.to = to
    else runs.push({ distance, from, to })
  }
  const parts = head.ends.length
  const shift = previous.ends.length - parts
  for (let part = 0; part < parts; part++) {
    const from = part === 0 ? 0 : head.ends[part - 1]!
    const to = head.ends[part]!
    // With one label more or less the parts from the end on are still in step.
    const twin = shift === 0 || part === 0 ? part : Math.max(1, part + shift)
    const otherFrom = twin === 0 ? 0 : previous.ends[twin - 1]!
    const otherTo = previous.ends[twin]!
    const longest = Math.min(to - from, otherTo - otherFrom)
    let same = 0
    while (same < longest && head.bytes[from + same] === previous.bytes[otherFrom + same]) same++
    let sameEnd = 0
    while (
      sameEnd < longest - same &&
      head.bytes[to - 1 - sameEnd] === previous.bytes[otherTo - 1 - sameEnd]
    ) {
      sameEnd++
    }
    add(previousTotal + from - otherFrom, from, from + same)
    add(0, from + same, to - sameEnd)
    add(previousTotal + to - otherTo, to - sameEnd, to)
  }
  return withoutShortCopies(runs)
}

function withoutShortCopies(runs: readonly Run[]): readonly Run[] {
  const kept: Run[] = []
  for (const [i, run] of runs.entries()) {
    // The first and the last are continued by what surrounds the head.
    const short = run.to - run.from < shortestCopy && i > 0 && i < runs.length - 1
    const distance = short ? 0 : run.distance
    const last = kept.at(-1)
    if (last?.distance === distance) last.to = run.to
    else kept.push({ distance, from: run.from, to: run.to })
  }
  return kept
}
