/** Digits that decide whether a number lies exactly between two others; a double's tie is shorter than this. */
const tieDigits = 40

/** A double as Go's %v prints it: shortest digits, an exponent below 1e-4 and from 1e6 on. */
export function goFloatText(value: number): string {
  const special = specialText(value)
  if (special !== undefined) return special
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const size = Math.abs(value)
  return size < 1e-4 || size >= 1e6 ? twoDigitExponent(value.toExponential()) : String(value)
}

/** Go's %.<digits>g: significant digits, trailing zeros removed. */
export function significant(value: number, digits: number): string {
  const special = specialText(value)
  if (special !== undefined) return special
  const precision = Math.min(Math.max(digits, 1), 60)
  const [mantissa = '', exponent = '0'] = roundedExponential(value, precision - 1).split('e')
  const power = Number(exponent)
  if (power < -4 || power >= precision) {
    return twoDigitExponent(`${withoutTrailingZeros(mantissa)}e${exponent}`)
  }
  return withoutTrailingZeros(fixed(value, Math.max(precision - 1 - power, 0)))
}

/** Go's %.<digits>e; without digits, as many as the number needs. */
export function exponential(value: number, digits?: number): string {
  return (
    specialText(value) ??
    twoDigitExponent(
      digits === undefined ? value.toExponential() : value.toExponential(Math.min(digits, 100)),
    )
  )
}

/** Go's %.<digits>f. */
export function fixed(value: number, digits: number): string {
  const special = specialText(value)
  if (special !== undefined) return special
  const wanted = Math.min(digits, 60)
  // From 1e21 on toFixed() falls back to an exponent; such a double is an integer.
  if (Math.abs(value) >= 1e21)
    return BigInt(value).toString() + (wanted === 0 ? '' : `.${'0'.repeat(wanted)}`)
  const exact = value.toFixed(wanted + tieDigits)
  const kept = exact.slice(0, exact.length - tieDigits).replace(/\.$/, '')
  return isEvenTie(kept, exact.slice(-tieDigits)) ? kept : value.toFixed(wanted)
}

function roundedExponential(value: number, digits: number): string {
  const wanted = Math.min(digits, 60)
  const [mantissa = '', exponent = ''] = value.toExponential(wanted + tieDigits).split('e')
  const kept = mantissa.slice(0, mantissa.length - tieDigits).replace(/\.$/, '')
  return isEvenTie(kept, mantissa.slice(-tieDigits)) ? `${kept}e${exponent}` : value.toExponential(wanted)
}

/** Go rounds a number exactly in the middle to the even digit, JavaScript away from zero. */
function isEvenTie(kept: string, rest: string): boolean {
  return /^50*$/.test(rest) && /[02468]$/.test(kept)
}

function specialText(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : undefined
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}
