import type { Position, Span } from './position.ts'
import { maxSpans } from './position.ts'
import { segmentHeaderBytes } from './record.ts'
import type { Segment } from './segment.ts'

/**
 * A span as a destination works through it. A destination has one that is open, where new records arrive; with
 * fresh data first it has others before it, left behind to be filled in later. They are in order and do not overlap.
 */
export interface Range {
  from: Position
  /** Undefined in the last range only: it ends with the newest record. */
  to: Position | undefined
  /** The time of the record at `from`, once it has been read. */
  nextMs: number | undefined
}

export function startOf(sequence: number): Position {
  return { sequence, offset: segmentHeaderBytes, index: 0 }
}

export function endOf(segment: Segment): Position {
  return { sequence: segment.sequence, offset: segment.bytes, index: segment.records }
}

export function isBefore(a: Position, b: Position): boolean {
  return a.sequence < b.sequence || (a.sequence === b.sequence && a.offset < b.offset)
}

/** The part of a segment that a range covers; undefined when it covers no record of it. */
export function partOf(range: Range, segment: Segment): { from: Position; to: Position } | undefined {
  const { sequence } = segment
  const from = range.from.sequence === sequence ? range.from : startOf(sequence)
  if (isBefore(from, range.from)) return undefined
  const to = range.to?.sequence === sequence ? range.to : endOf(segment)
  if (range.to !== undefined && isBefore(range.to, to)) return undefined
  return isBefore(from, to) ? { from, to } : undefined
}

/** Records and bytes of a segment that have not been acknowledged. */
export function unacknowledged(
  ranges: readonly Range[],
  segment: Segment,
): { readonly records: number; readonly bytes: number } {
  let records = 0
  let bytes = 0
  for (const range of ranges) {
    const part = partOf(range, segment)
    if (part === undefined) continue
    const whole = part.from.index === 0 && part.to.index === segment.records
    records += part.to.index - part.from.index
    bytes += whole ? segment.bytes : part.to.offset - part.from.offset
  }
  return { records, bytes }
}

/** Moves a range on; one that is closed and has nothing left is taken out. */
export function advance(ranges: Range[], range: Range, to: Position): void {
  range.from = to
  range.nextMs = undefined
  if (range.to !== undefined && !isBefore(to, range.to)) ranges.splice(ranges.indexOf(range), 1)
}

/** Everything up to and including a segment is no longer there. */
export function forgetUpTo(ranges: Range[], sequence: number): void {
  for (const range of ranges.slice()) {
    if (range.from.sequence <= sequence) advance(ranges, range, startOf(sequence + 1))
  }
}

/**
 * Leaves what the open range holds behind and lets that start with the next record.
 * @returns false when there are as many ranges as can be stored; then the order stays what it is
 */
export function leaveBehind(ranges: Range[], end: Position, segments: readonly Segment[]): boolean {
  const open = ranges.at(-1)!
  const before = ranges.at(-2)
  if (!isBefore(open.from, end)) return false
  const gap: Range | undefined = before?.to && { from: before.to, to: open.from, nextMs: undefined }
  if (gap !== undefined && !segments.some((segment) => partOf(gap, segment) !== undefined)) {
    before!.to = end
  } else {
    if (ranges.length === maxSpans) return false
    ranges.splice(-1, 0, { from: open.from, to: end, nextMs: open.nextMs })
  }
  open.from = end
  open.nextMs = undefined
  return true
}

/**
 * The ranges of a destination at the start. A directory that was restored or tampered with may end before a
 * stored position: what lies behind is then taken for acknowledged.
 */
export function restoreRanges(stored: readonly Span[], segments: readonly Segment[]): Range[] {
  const clip = (position: Position): Position => {
    const segment = segments.find(({ sequence }) => sequence === position.sequence)
    return segment !== undefined && position.offset > segment.bytes ? endOf(segment) : position
  }
  const ranges: Range[] = []
  for (const { from, to } of stored) {
    const range: Range = { from: clip(from), to: to && clip(to), nextMs: undefined }
    if (range.to === undefined || isBefore(range.from, range.to)) ranges.push(range)
  }
  return ranges
}
