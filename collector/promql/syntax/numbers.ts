const unitMs = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
} as const
const units = ['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const
const durationPattern = new RegExp(`^${units.map((unit) => `(?:([\\d.]+)${unit})?`).join('')}$`)

/**
 * The milliseconds of a literal such as 1h30m (units y w d h m s ms in that order), or undefined. Fractions, which
 * are MetricsQL's (1.5m), end at a microsecond.
 */
export function parseDurationMs(text: string): number | undefined {
  const match = durationPattern.exec(text)
  if (match === null || text === '') return undefined
  let total = 0
  for (const [i, unit] of units.entries()) {
    const digits = match[i + 1]
    if (digits === undefined) continue
    if (!fractionPattern.test(digits)) return undefined
    total += Number(digits) * unitMs[unit]
  }
  return Number.isInteger(total) ? total : Math.round(total * 1000) / 1000
}
const fractionPattern = /^(?:\d+(?:\.\d*)?|\.\d+)$/

/** How many steps a literal such as 5i or 0.5i is, or undefined. */
export function parseSteps(text: string): number | undefined {
  const digits = /^([\d.]+)i$/.exec(text)?.[1]
  return digits !== undefined && fractionPattern.test(digits) ? Number(digits) : undefined
}

/** The shortest duration literal of whole milliseconds: 90000 -> 1m30s, 0 -> 0s. */
export function formatDurationMs(durationMs: number): string {
  if (durationMs === 0) return '0s'
  let rest = Math.abs(durationMs)
  let out = durationMs < 0 ? '-' : ''
  for (const unit of units) {
    // Weeks and years only where they leave nothing over, so that 8d does not become 1w1d.
    if ((unit === 'y' || unit === 'w') && rest % unitMs[unit] !== 0) continue
    const count = Math.floor(rest / unitMs[unit])
    if (count > 0) out += `${count}${unit}`
    rest -= count * unitMs[unit]
  }
  return out
}

const decimalPattern = /^(?:\d+(?:_\d+)*)?(?:\.(?:\d+(?:_\d+)*)?)?(?:[eE][+-]?\d+(?:_\d+)*)?$/
const hexPattern = /^0[xX](?:_?[0-9a-fA-F]+)+$/
const octalPattern = /^0[0-7]+$/

const suffixes: Readonly<Record<string, number>> = {
  ...{ k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  ...{ ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 },
}
/** 1m is a minute: of mega only the capital letter is one. */
const suffixedPattern = /^([\d.]+)((?:[kKgGtT]|M)[iI]?)[bB]?$/

/** The value of a literal with one of MetricsQL's suffixes (8Ki, 1.5M, 2GiB), or undefined. */
export function parseSuffixedNumber(text: string): number | undefined {
  const [, digits = '', suffix = ''] = suffixedPattern.exec(text) ?? []
  const factor = suffixes[suffix.toLowerCase()]
  return factor !== undefined && fractionPattern.test(digits) ? Number(digits) * factor : undefined
}

/** The value of an unsigned number literal (decimal, hexadecimal, octal by a leading 0), or undefined. */
export function parseNumber(text: string): number | undefined {
  if (hexPattern.test(text)) return Number(text.replaceAll('_', ''))
  if (octalPattern.test(text)) return parseInt(text, 8)
  const word = text.toLowerCase()
  if (word === 'inf' || word === 'infinity') return Infinity
  if (word === 'nan') return NaN
  if (!decimalPattern.test(text) || !/\d/.test(text)) return undefined
  const plain = text.replaceAll('_', '')
  const value = Number(plain)
  return Number.isNaN(value) ? undefined : value
}

/** A float as Prometheus prints it: +Inf, -Inf, NaN, plain digits, an exponent for very large or small ones. */
export function formatNumber(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  const exponent = /^(.*)e([+-])(\d)$/.exec(text)
  return exponent === null ? text : `${exponent[1]!}e${exponent[2]!}0${exponent[3]!}`
}

/** As formatNumber, but with all its digits: 1e+21 is a one and 21 zeros. */
export function formatDigits(value: number): string {
  const text = formatNumber(value)
  const [, sign = '', first = '', rest = '', power] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (power === undefined) return text
  const exponent = Number(power)
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${first}${rest}`
  return sign + (first + rest).padEnd(exponent + 1, '0')
}

/** As Go's %g, in remarks and errors: with an exponent from 1e+06 on and below 0.0001. */
export function formatGeneral(value: number): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value) || value === 0 || (size >= 1e-4 && size < 1e6)) return formatNumber(value)
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}
