import { secondsText, valueText } from './number-text.ts'
import { putAscii } from './text-bytes.ts'

/** The longest text of a double or of a time: a sign, 17 digits, a point, an exponent. */
export const longestNumber = 32

const zero = 48
const minus = 45
const point = 46

/** The four digits of 0 to 9999, the first in the lowest byte: one store puts them all. */
const quads = Uint32Array.from({ length: 10_000 }, (_, number) => {
  const [thousands, hundreds, tens] = [(number / 1000) | 0, (number / 100) | 0, (number / 10) | 0]
  const [second, third, fourth] = [hundreds % 10, tens % 10, number % 10]
  return 0x30303030 + thousands + (second << 8) + (third << 16) + (fourth << 24)
})

/** Decimals that are looked for: fewer than six leave zeros, which are left out. */
const scale = 1e6
/** Up to 15 digits two different decimals are never the same double, so that the one found is the shortest. */
const most = 1e15

/**
 * Puts what valueText gives; there must be room for longestNumber bytes.
 * @returns where it ends
 */
export function putValue(to: DataView, at: number, value: number): number {
  const size = Math.abs(value)
  if (size < most && size > 0) {
    const whole = Math.floor(size)
    const isWhole = whole === size
    const scaled = isWhole ? 0 : Math.round(size * scale)
    if (isWhole || (scaled < most && scaled / scale === size)) {
      let end = at
      if (value < 0) to.setUint8(end++, minus)
      if (isWhole) return putWhole(to, end, whole)
      const integer = Math.floor(scaled / scale)
      end = putWhole(to, end, integer)
      return putDecimals(to, end, scaled - integer * scale)
    }
  }
  return putAscii(to, at, valueText(value))
}

/**
 * Puts what secondsText gives; there must be room for longestNumber bytes.
 * @returns where it ends
 */
export function putSeconds(to: DataView, at: number, timeMs: number): number {
  if (!(timeMs >= 0 && timeMs < most) || Math.floor(timeMs) !== timeMs) {
    return putAscii(to, at, secondsText(timeMs))
  }
  const whole = Math.floor(timeMs / 1000)
  const rest = timeMs - whole * 1000
  const end = putWhole(to, at, whole)
  if (rest === 0) return end
  // The zero in front of the thousandths is where the point comes.
  putFour(to, end, rest)
  to.setUint8(end, point)
  return end + 4
}

/** A whole number from 0 to below 1e15. */
function putWhole(to: DataView, at: number, whole: number): number {
  if (whole < 1e8) return putSmall(to, at, whole | 0)
  // Numbers of 32 bits are divided as such.
  const high = Math.floor(whole / 1e8)
  const end = putSmall(to, at, high | 0)
  const low = (whole - high * 1e8) | 0
  const upper = (low / 1e4) | 0
  putFour(to, end, upper)
  putFour(to, end + 4, low - upper * 1e4)
  return end + 8
}

/** A whole number below 1e8. */
function putSmall(to: DataView, at: number, number: number): number {
  if (number < 1e4) return putFirst(to, at, number)
  const high = (number / 1e4) | 0
  const end = putFirst(to, at, high)
  putFour(to, end, number - high * 1e4)
  return end + 4
}

/** A number below 10,000 without zeros in front. What is behind it is overwritten. */
function putFirst(to: DataView, at: number, number: number): number {
  const digits = number < 100 ? (number < 10 ? 1 : 2) : number < 1e3 ? 3 : 4
  to.setUint32(at, quads[number]! >>> (32 - 8 * digits), true)
  return at + digits
}

function putFour(to: DataView, at: number, number: number): void {
  to.setUint32(at, quads[number]!, true)
}

/** A point and the digits of millionths (from 1 to 999,999), without the zeros at their end. */
function putDecimals(to: DataView, at: number, millionths: number): number {
  const high = (millionths / 100) | 0
  to.setUint8(at, point)
  putFour(to, at + 1, high)
  putFour(to, at + 5, (millionths - high * 100) * 100)
  let end = at + 7
  while (to.getUint8(end - 1) === zero) end--
  return end
}
