/**
 * WAL segments by number. A name is timeline, then log and segment within the log, 8 hexadecimal digits each; a log is 4 GiB
 * (xlog_internal.h). Numbers count segments of one size from the begin of the WAL and stay below 2^45.
 */
export interface Segment {
  readonly timeline: number
  readonly number: number
}

const logBytes = 2 ** 32
const namePattern = /^[0-9A-F]{24}$/

export const usualSegmentBytes = 16 * 1024 * 1024

/** Powers of two from 1 MiB to 1 GiB, as initdb allows. */
const sizes = Array.from({ length: 11 }, (_, power) => 2 ** (20 + power))

export function isSegmentName(name: string): boolean {
  return namePattern.test(name)
}

export function parseSegment(name: string, segmentBytes: number): Segment {
  const log = Number.parseInt(name.slice(8, 16), 16)
  const low = Number.parseInt(name.slice(16), 16)
  return { timeline: timelineOf(name), number: log * (logBytes / segmentBytes) + low }
}

export function timelineOf(name: string): number {
  return Number.parseInt(name.slice(0, 8), 16)
}

export function segmentName({ timeline, number }: Segment, segmentBytes: number): string {
  const perLog = logBytes / segmentBytes
  return [timeline, Math.floor(number / perLog), number % perLog]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('')
}

/** The number of the segment with a position such as `0/3000060`. Undefined for a text that is none. */
export function segmentOfLsn(lsn: string, segmentBytes: number): number | undefined {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn) ?? []
  if (high === undefined || low === undefined) return undefined
  const perLog = logBytes / segmentBytes
  return Number.parseInt(high, 16) * perLog + Math.floor(Number.parseInt(low, 16) / segmentBytes)
}

/**
 * The size of the segments of an archive, which pgBackRest does not tell: the one by which each of its backups' positions lies in
 * the segment that is named for it, and each name in its log. Of several 16 MiB if that is among them, and otherwise the smallest.
 * @param pairs - a position and the name of its segment
 */
export function inferSegmentBytes(
  pairs: readonly { readonly lsn: string; readonly name: string }[],
  names: readonly string[],
): number {
  let highest = 0
  for (const name of names) highest = Math.max(highest, Number.parseInt(name.slice(16), 16))
  const fitting = sizes.filter(
    (bytes) =>
      highest < logBytes / bytes &&
      pairs.every(({ lsn, name }) => segmentOfLsn(lsn, bytes) === parseSegment(name, bytes).number),
  )
  return fitting.includes(usualSegmentBytes) ? usualSegmentBytes : (fitting[0] ?? usualSegmentBytes)
}
