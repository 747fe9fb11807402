/**
 * Names of WAL segments and positions (LSN): a name is timeline, then the position's upper and lower half in units of
 * segments (xlog_internal.h, XLogFileName).
 */
const segmentPattern = /^[0-9A-F]{24}$/

/** Bytes from the begin of the log: `0/3000060`. Undefined for text that is none. */
export function parseLsn(text: string): bigint | undefined {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text)
  return match === null ? undefined : (BigInt(`0x${match[1]!}`) << 32n) | BigInt(`0x${match[2]!}`)
}

export function timelineOf(segment: string): number {
  return Number.parseInt(segment.slice(0, 8), 16)
}

/** Where a segment begins. Undefined for a name that is none. */
export function startOf(segment: string, segmentBytes: number): bigint | undefined {
  if (!segmentPattern.test(segment)) return undefined
  const upper = BigInt(`0x${segment.slice(8, 16)}`)
  const lower = BigInt(`0x${segment.slice(16)}`)
  return (upper << 32n) + lower * BigInt(segmentBytes)
}

/** The one that has a position. */
export function segmentAt(lsn: bigint, timeline: number, segmentBytes: number): string {
  const perUpper = (1n << 32n) / BigInt(segmentBytes)
  const number = lsn / BigInt(segmentBytes)
  return [BigInt(timeline), number / perUpper, number % perUpper]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('')
}

/** The one behind it on its timeline. */
export function segmentAfter(segment: string, segmentBytes: number): string {
  const start = startOf(segment, segmentBytes)
  if (start === undefined) throw new RangeError(`${segment} is no segment`)
  return segmentAt(start + BigInt(segmentBytes), timelineOf(segment), segmentBytes)
}
