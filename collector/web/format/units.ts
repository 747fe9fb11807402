/** How the numbers of a panel are to be read; a ratio is 0 to 1 and is printed in percent. */
export const units = ['count', 'ops', 'bytes', 'bytes/s', 'seconds', 'ratio'] as const
export type Unit = (typeof units)[number]

const decimalPrefixes = ['', 'k', 'M', 'G', 'T']
const binaryPrefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi']

/** Three significant digits, without trailing zeros, never in exponent form. */
export function digits(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && size < 0.001) return value < 0 ? '>-0.001' : '<0.001'
  const decimals = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  const text = value.toFixed(decimals)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function scaled(value: number, base: number, prefixes: readonly string[]): readonly [string, string] {
  let rest = value
  let index = 0
  // 999.95 would print as 1000 of the smaller unit.
  while (Math.abs(rest) >= base * 0.9995 && index < prefixes.length - 1) {
    rest /= base
    index++
  }
  return [digits(rest), prefixes[index]!]
}

/** 90 is `1 min 30 s`, 0.002 is `2 ms`; two parts at most. */
export function formatSeconds(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0 s'
  if (size < 1e-3) return `${digits(value * 1e6)} µs`
  if (size < 1) return `${digits(value * 1e3)} ms`
  if (size < 60) return `${digits(value)} s`
  const whole = Math.round(size)
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  const text = parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(' ')
  return value < 0 ? `-${text}` : text
}

/** A value with its unit, for a legend, an axis or a table; what is not a number prints as a dash. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  switch (unit) {
    case 'seconds':
      return formatSeconds(value)
    case 'ratio':
      return `${digits(value * 100)} %`
    case 'bytes':
    case 'bytes/s': {
      const [number, prefix] = scaled(value, 1024, binaryPrefixes)
      return `${number} ${prefix}${unit === 'bytes' ? 'B' : 'B/s'}`
    }
    case 'count':
    case 'ops': {
      const [number, prefix] = scaled(value, 1000, decimalPrefixes)
      const text = prefix === '' ? number : `${number} ${prefix}`
      return unit === 'ops' ? `${text}${prefix === '' ? ' ' : ''}/s` : text
    }
  }
}
