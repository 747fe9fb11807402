import { parsePrometheusDuration } from '../../common/series/prometheus-duration.ts'
import { invalidParameter } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'

/** Beyond this a time is no longer an exact number of milliseconds. */
const maxTimeMs = Number.MAX_SAFE_INTEGER

/** "All time" as Prometheus' own client library writes it (web/api/v1: minTimeFormatted, maxTimeFormatted). */
const endsOfTime: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': -maxTimeMs,
  '292277025-08-18T07:12:54.999999999Z': maxTimeMs,
  '+292277025-08-18T07:12:54.999999999Z': maxTimeMs,
}

/**
 * A time parameter in milliseconds since the epoch: seconds with a fraction or RFC 3339 as in Prometheus, and what
 * VictoriaMetrics takes as well: milliseconds, microseconds and nanoseconds (told by their size), a beginning of RFC
 * 3339 (`2022-03`), and a time relative to now (`now-1h`, `-5m`).
 * @param fallback what an absent parameter means; without one it is required
 */
export function readTime(
  parameters: RequestParameters,
  name: string,
  nowMs: number,
  fallback?: number,
): number {
  const text = parameters.one(name)
  if (text === undefined && fallback !== undefined) return fallback
  const timeMs = parseTime(text ?? '', nowMs)
  if (timeMs === undefined) {
    throw invalidParameter(name, `cannot parse "${(text ?? '').slice(0, 64)}" to a valid timestamp`)
  }
  return timeMs
}

/** A duration parameter in milliseconds: `15s`, `1.5m`, or seconds with a fraction. */
export function readDuration(parameters: RequestParameters, name: string, fallback?: number): number {
  const text = parameters.one(name)
  if (text === undefined && fallback !== undefined) return fallback
  const seconds = parseDecimal(text ?? '')
  // As Prometheus, which cuts off to nanoseconds and then to milliseconds.
  const durationMs =
    seconds === undefined ? parseDuration(text ?? '') : Math.trunc(Math.trunc(seconds * 1e9) / 1e6)
  if (durationMs === undefined || durationMs > maxTimeMs) {
    throw invalidParameter(name, `cannot parse "${(text ?? '').slice(0, 64)}" to a valid duration`)
  }
  return durationMs
}

/** The same in milliseconds, or undefined where the text is no time. */
export function parseTime(text: string, nowMs: number): number | undefined {
  const timeMs =
    endsOfTime[text] ?? parseUnixTime(text) ?? parseRfc3339(text) ?? parseRelativeTime(text, nowMs)
  return timeMs === undefined || Math.abs(timeMs) > maxTimeMs ? undefined : timeMs
}

function parseDecimal(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

/**
 * As seconds, 1e11 is the year 5138; as milliseconds it is 1973. Nobody asks for either, so the size of a number
 * tells its unit.
 */
function parseUnixTime(text: string): number | undefined {
  const value = parseDecimal(text)
  if (value === undefined) return undefined
  const size = Math.abs(value)
  // The fraction on its own is exact; a thousand times the whole is rounded.
  if (size < 1e11) return Math.trunc(value) * 1000 + Math.round((value % 1) * 1000)
  if (size < 1e14) return Math.round(value)
  if (size < 1e17) return Math.round(value / 1e3)
  return size < 1e20 ? Math.round(value / 1e6) : undefined
}

function parseRfc3339(text: string): number | undefined {
  const match = /^(\d{4}-\d\d)(-\d\d)?(T\d\d)?(:\d\d)?(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?$/i.exec(text)
  if (match === null) return undefined
  const [, month, day, hour, minute, second, fraction, zone] = match
  const parts = [day, hour, minute, second, fraction]
  const known = parts.findIndex((part) => part === undefined)
  // What is left out is left out from the end.
  if (known !== -1 && parts.slice(known).some((part) => part !== undefined)) return undefined
  const date = `${month}${day ?? '-01'}`
  const full = `${date}${hour ?? 'T00'}${minute ?? ':00'}${second ?? ':00'}${fraction ?? ''}${zone ?? 'Z'}`
  const timeMs = Date.parse(full.toUpperCase())
  if (Number.isNaN(timeMs) || hour?.toUpperCase() === 'T24') return undefined
  // Date.parse takes the 30th of February for the 1st of March.
  return new Date(`${date}T00:00Z`).toISOString().startsWith(date) ? timeMs : undefined
}

function parseRelativeTime(text: string, nowMs: number): number | undefined {
  const match = /^(now)?(?:([+-])(.+))?$/i.exec(text)
  if (match === null || text === '') return undefined
  const [, , sign, shift] = match
  if (shift === undefined) return nowMs
  const durationMs = parseDuration(shift)
  if (durationMs === undefined) return undefined
  return sign === '-' ? nowMs - durationMs : nowMs + durationMs
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
}

/** Prometheus' form, and with fractions as VictoriaMetrics has it. */
function parseDuration(text: string): number | undefined {
  const whole = parsePrometheusDuration(text)
  if (whole !== undefined) return whole
  if (!/^(?:\d{1,15}(?:\.\d{1,9})?(?:ms|[smhdwy]))+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ms|[smhdwy])/g))
    total += Number(count) * unitMs[unit!]!
  return Math.round(total)
}
