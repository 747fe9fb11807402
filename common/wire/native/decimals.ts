import { staleBits } from '../../series/stale.ts'

/*
 * Values as VictoriaMetrics keeps them: 64-bit integers times a power of ten that all values of a block share.
 * Three integers at the ends of the range stand for what is no decimal.
 */
const positiveInfinity = 2n ** 63n - 1n
const negativeInfinity = -(2n ** 63n)
const staleMarker = 2n ** 63n - 2n
const largest = 2n ** 63n - 3n

/** The values of integers with a scale; NaN payloads are moved as bits. */
export function fromDecimals(integers: BigInt64Array, scale: number): Float64Array<ArrayBuffer> {
  const values = new Float64Array(integers.length)
  const bits = new BigUint64Array(values.buffer)
  for (let i = 0; i < integers.length; i++) {
    const integer = integers[i]!
    if (integer === positiveInfinity) values[i] = Infinity
    else if (integer === negativeInfinity) values[i] = -Infinity
    else if (integer === staleMarker) bits[i] = staleBits
    // The decimal text is read with one rounding, where a product of doubles would have two.
    else if (integer > 2n ** 53n || integer < -(2n ** 53n) || Math.abs(scale) > 22) {
      values[i] = Number(`${integer}e${scale}`)
    } else values[i] = scale < 0 ? Number(integer) / 10 ** -scale : Number(integer) * 10 ** scale
  }
  return values
}

export interface Decimals {
  readonly integers: BigInt64Array<ArrayBuffer>
  readonly scale: number
}

/**
 * The longest run of values from `from` on that fits one scale without losing a digit; NaN other than the stale
 * marker must not be among them.
 * @returns the run and where it ends
 */
export function toDecimals(
  values: Float64Array,
  from: number,
  max: number,
): { readonly decimals: Decimals; readonly end: number } {
  const parts: { digits: bigint; exponent: number }[] = []
  let lowest = Infinity
  let longest = -Infinity
  let end = from
  for (; end < values.length && parts.length < max; end++) {
    const part = asDecimal(values[end]!)
    if (part !== undefined && part.digits !== 0n) {
      const low = Math.min(lowest, part.exponent)
      // Digits in front of the decimal point and behind it, as integers of the lowest exponent.
      const high = Math.max(longest, part.exponent + digitsOf(part.digits))
      if (high - low > 18) break
      lowest = low
      longest = high
    }
    parts.push(part ?? special(values[end]!))
  }
  const scale = lowest === Infinity ? 0 : lowest
  const integers = BigInt64Array.from(parts, ({ digits, exponent }) =>
    Number.isNaN(exponent) || digits === 0n ? digits : digits * 10n ** BigInt(exponent - scale),
  )
  return { decimals: { integers, scale }, end }
}

/** A marker is recognised by its exponent, which is not a number. */
function special(value: number): { digits: bigint; exponent: number } {
  const digits = value === Infinity ? positiveInfinity : value === -Infinity ? negativeInfinity : staleMarker
  return { digits, exponent: NaN }
}

/** The shortest decimal that reads as this double; undefined for what is not finite. */
function asDecimal(value: number): { digits: bigint; exponent: number } | undefined {
  if (!Number.isFinite(value)) return undefined
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 53) return stripped(BigInt(value), 0)
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return stripped(BigInt(whole + fraction), Number(exponent) - fraction.length)
}

/** Without the zeros at the end, so that the scale of a block is no lower than it has to be. */
function stripped(digits: bigint, exponent: number): { digits: bigint; exponent: number } {
  let rest = digits
  let raised = exponent
  while (rest !== 0n && rest % 10n === 0n) {
    rest /= 10n
    raised++
  }
  return { digits: rest > largest ? largest : rest, exponent: raised }
}

function digitsOf(digits: bigint): number {
  return (digits < 0n ? -digits : digits).toString().length
}
