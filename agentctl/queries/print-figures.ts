import type { Percentile, QueryFigures } from '../../common/insight/queries-view.ts'

/** A duration in three digits: `12.3µs`, `4.56ms`, `1.2s`, `3m20s`, `2h05m`. */
export function printSeconds(seconds: number): string {
  if (seconds >= 3600) return twoUnits(seconds / 60, 'h', 'm')
  if (seconds >= 100) return twoUnits(seconds, 'm', 's')
  if (seconds >= 0.9995) return `${threeDigits(seconds)}s`
  if (seconds >= 0.9995e-3) return `${threeDigits(seconds * 1e3)}ms`
  return seconds > 0 ? `${threeDigits(seconds * 1e6)}µs` : '0'
}

function twoUnits(count: number, large: string, small: string): string {
  const whole = Math.round(count)
  return `${Math.floor(whole / 60)}${large}${String(whole % 60).padStart(2, '0')}${small}`
}

const threeDigits = (value: number): string => String(Number(value.toPrecision(3)))

/** A count in four digits at most: `950`, `12.3k`, `4.5M`. */
export function printCount(count: number): string {
  return withUnits(count, 1000, ['', 'k', 'M', 'G', 'T'])
}

/** Bytes: `0`, `812 B`, `1.5 MiB`. */
export function printBytes(bytes: number): string {
  return bytes === 0 ? '0' : withUnits(bytes, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'])
}

function withUnits(value: number, base: number, units: readonly string[]): string {
  let at = 0
  let rest = value
  while (rest >= base * 0.9995 && at < units.length - 1) {
    rest /= base
    at++
  }
  return `${threeDigits(rest)}${units[at]!}`
}

/** `12.3ms`; with `?` where it can hardly be relied on, `*` where calls are missing, `-` where there are too few. */
export function printPercentile(found: Percentile | null): string {
  if (found === null) return '-'
  return `${printSeconds(found.value)}${found.confidence === 'low' ? '?' : ''}${found.partial ? '*' : ''}`
}

/** Blocks that were found in shared buffers, of all that were looked for; `-` where none was. */
export function printHits({ blocksHit, blocksRead }: QueryFigures): string {
  const all = blocksHit + blocksRead
  return all > 0 ? `${((blocksHit / all) * 100).toFixed(1)}%` : '-'
}

/** What a call had of something; `-` without calls. */
export function perCall(amount: number, { calls }: Pick<QueryFigures, 'calls'>): string {
  return calls > 0 ? printCount(amount / calls) : '-'
}

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A bar for each value, from nothing to the largest; a gap where there is none. */
export function sparkline(values: readonly (number | null)[]): string {
  const largest = Math.max(0, ...values.map((value) => value ?? 0))
  return values
    .map((value) => {
      if (value === null) return ' '
      return bars[largest > 0 ? Math.min(7, Math.floor((value / largest) * 8)) : 0]
    })
    .join('')
}
