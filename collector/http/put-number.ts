import { secondsText, valueText } from './number-text.ts'
import { putAscii } from './text-bytes.ts'
import type { TextBytes } from './text-bytes.ts'

/** The longest text of a double or of a time: a sign, 17 digits, a point, an exponent. */
export const longestNumber = 32

const zero = 48
const minus = 45
const point = 46

/** Decimals that are looked for: fewer than six leave zeros, which are left out. */
const scale = 1e6
/** Up to 15 digits two different decimals are never the same double, so that the one found is the shortest. */
const most = 1e15

/** Puts what valueText gives; there must be room for longestNumber bytes. */
export function putValue(to: TextBytes, value: number): void {
  const size = Math.abs(value)
  if (size < most && size > 0) {
    const whole = Math.trunc(size)
    if (whole === size) {
      if (value < 0) to.bytes[to.at++] = minus
      putWhole(to, whole)
      return
    }
    const scaled = Math.round(size * scale)
    if (scaled < most && scaled / scale === size) {
      if (value < 0) to.bytes[to.at++] = minus
      putWhole(to, Math.floor(scaled / scale))
      putDecimals(to, scaled % scale)
      return
    }
  }
  putAscii(to, valueText(value))
}

/** Puts what secondsText gives; there must be room for longestNumber bytes. */
export function putSeconds(to: TextBytes, timeMs: number): void {
  if (!(timeMs >= 0 && timeMs < most) || Math.trunc(timeMs) !== timeMs) {
    putAscii(to, secondsText(timeMs))
    return
  }
  const whole = Math.floor(timeMs / 1000)
  const rest = timeMs - whole * 1000
  putWhole(to, whole)
  if (rest === 0) return
  to.bytes[to.at++] = point
  putPadded(to, rest, 3)
}

/** A whole number from 0 to below 1e15. */
function putWhole(to: TextBytes, whole: number): void {
  if (whole < 1e8) {
    putPadded(to, whole, countDigits(whole))
    return
  }
  // Numbers of 32 bits are divided as such.
  const high = Math.floor(whole / 1e8)
  putPadded(to, high, countDigits(high))
  putPadded(to, whole - high * 1e8, 8)
}

function countDigits(number: number): number {
  let digits = 1
  for (let next = 10; number >= next; next *= 10) digits++
  return digits
}

/** `digits` digits of a number below 2^31, zeros in front. */
function putPadded(to: TextBytes, number: number, digits: number): void {
  const { bytes, at } = to
  let rest = number | 0
  for (let i = at + digits - 1; i >= at; i--) {
    const tens = (rest / 10) | 0
    bytes[i] = zero + rest - tens * 10
    rest = tens
  }
  to.at = at + digits
}

/** A point and the digits of millionths (from 1 to 999,999), without the zeros at their end. */
function putDecimals(to: TextBytes, millionths: number): void {
  let number = millionths
  let digits = 6
  while (number % 10 === 0) {
    number /= 10
    digits--
  }
  to.bytes[to.at++] = point
  putPadded(to, number, digits)
}
