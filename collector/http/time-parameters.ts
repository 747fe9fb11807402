import { parsePrometheusDuration } from '../../common/series/prometheus-duration.ts'
import { invalidParameter } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'

/** Beyond this a time is no longer an exact number of milliseconds. */
const maxTimeMs = Number.MAX_SAFE_INTEGER

/**
 * A time parameter in milliseconds since the epoch: seconds with a fraction, or RFC 3339.
 * @param fallback what an absent parameter means; without one it is required
 */
export function readTime(parameters: RequestParameters, name: string, fallback?: number): number {
  const text = parameters.one(name)
  if (text === undefined && fallback !== undefined) return fallback
  const timeMs = parseTime(text ?? '')
  if (timeMs === undefined) {
    throw invalidParameter(name, `cannot parse "${(text ?? '').slice(0, 64)}" to a valid timestamp`)
  }
  return timeMs
}

/** A positive duration parameter in milliseconds: `15s`, or seconds with a fraction. */
export function readDuration(parameters: RequestParameters, name: string, fallback?: number): number {
  const text = parameters.one(name)
  if (text === undefined && fallback !== undefined) return fallback
  const durationMs = parseSeconds(text ?? '') ?? parsePrometheusDuration(text ?? '')
  if (durationMs === undefined || durationMs > maxTimeMs) {
    throw invalidParameter(name, `cannot parse "${(text ?? '').slice(0, 64)}" to a valid duration`)
  }
  return durationMs
}

function parseTime(text: string): number | undefined {
  const seconds = parseSeconds(text)
  const timeMs = seconds ?? parseRfc3339(text)
  return timeMs === undefined || Math.abs(timeMs) > maxTimeMs ? undefined : timeMs
}

function parseSeconds(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined
  return Math.round(Number(text) * 1000)
}

function parseRfc3339(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text)) return undefined
  const timeMs = Date.parse(text.toUpperCase())
  return Number.isNaN(timeMs) ? undefined : timeMs
}
