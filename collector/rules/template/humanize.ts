import { significant } from './go-number.ts'

const largePrefixes = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
const smallPrefixes = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']
const binaryPrefixes = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']
const digits = 4

/** 1234567 is `1.235M`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return significant(value, digits)
  const [scaled, prefix] = Math.abs(value) >= 1 ? scaleDown(value, 1000, largePrefixes) : scaleUp(value)
  return significant(scaled, digits) + prefix
}

/** 1048576 is `1Mi`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return significant(value, digits)
  const [scaled, prefix] = scaleDown(value, 1024, binaryPrefixes)
  return significant(scaled, digits) + prefix
}

/** 0.1234 is `12.34%`. */
export function humanizePercentage(value: number): string {
  return `${significant(value * 100, digits)}%`
}

/** 3661 seconds are `1h 1m 1s`, 0.002 are `2ms`. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return significant(seconds, digits)
  if (seconds === 0) return '0s'
  if (Math.abs(seconds) < 1) {
    const [scaled, prefix] = scaleUp(seconds)
    return `${significant(scaled, digits)}${prefix}s`
  }
  const sign = seconds < 0 ? '-' : ''
  const total = Math.trunc(Math.abs(seconds))
  const days = Math.floor(total / 86_400)
  const hours = Math.floor(total / 3600) % 24
  const minutes = Math.floor(total / 60) % 60
  const rest = total % 60
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${rest}s`
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${rest}s`
  if (minutes > 0) return `${sign}${minutes}m ${rest}s`
  return `${significant(seconds, digits)}s`
}

/** 1600000000 is `2020-09-13 12:26:40 +0000 UTC`, Go's way to print a time. */
export function humanizeTimestamp(seconds: number): string {
  const timeMs = Math.round(seconds * 1000)
  if (!(Math.abs(timeMs) <= 8.64e15)) return significant(seconds, digits)
  const [date = '', time = ''] = new Date(timeMs).toISOString().slice(0, -1).split('T')
  return `${date} ${time.replace(/(\.\d*?)0+$/, (_all, kept: string) => (kept === '.' ? '' : kept))} +0000 UTC`
}

function scaleDown(value: number, base: number, prefixes: readonly string[]): [number, string] {
  let scaled = value
  let prefix = ''
  for (const next of prefixes) {
    if (Math.abs(scaled) < base) break
    prefix = next
    scaled /= base
  }
  return [scaled, prefix]
}

function scaleUp(value: number): [number, string] {
  let scaled = value
  let prefix = ''
  for (const next of smallPrefixes) {
    if (Math.abs(scaled) >= 1) break
    prefix = next
    scaled *= 1000
  }
  return [scaled, prefix]
}
