import type { LogFormat } from './log-record.ts'

const newline = 10
const quote = 34
const tab = 9

/** Where the first whole record begins: 0 unless the bytes begin within one. -1 where none does. */
export function firstRecord(bytes: Buffer, format: LogFormat): number {
  for (let at = 0; at >= 0 && at < bytes.length;) {
    if (beginsRecord(bytes, at, format)) return at
    const end = bytes.indexOf(newline, at)
    at = end < 0 ? -1 : end + 1
  }
  return -1
}

function beginsRecord(bytes: Buffer, at: number, format: LogFormat): boolean {
  if (format === 'jsonlog') return bytes[at] === 123
  if (format === 'stderr') return bytes[at] !== tab && bytes[at] !== newline
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(bytes.toString('latin1', at, at + 20))
}

/**
 * How many bytes are whole records; what is behind them is still being written, or in the next piece.
 * @param bytes begin with a record
 * @param isEnd whether nothing is behind them in the file
 */
export function wholeRecords(bytes: Buffer, format: LogFormat, isEnd: boolean): number {
  if (format === 'csvlog') return wholeCsv(bytes)
  const last = bytes.lastIndexOf(newline)
  if (format === 'jsonlog' || isEnd) return last + 1
  // Lines that begin with a tab go on with the one before.
  for (let at = last; at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(newline, at - 1)) {
    if (at + 1 < bytes.length && bytes[at + 1] !== tab) return at + 1
  }
  return 0
}

function wholeCsv(bytes: Buffer): number {
  let isQuoted = false
  let whole = 0
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === quote) isQuoted = !isQuoted
    else if (bytes[at] === newline && !isQuoted) whole = at + 1
  }
  return whole
}
