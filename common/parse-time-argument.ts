import { PgherdError } from './errors.ts'

/**
 * A moment in milliseconds since the epoch.
 * @param text RFC 3339, or seconds since the epoch with or without a fraction
 * @throws PgherdError USAGE
 */
export function parseTimeArgument(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000)
  const parsed = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : NaN
  if (!Number.isNaN(parsed)) return parsed
  throw new PgherdError(
    'USAGE',
    `${text} is no time; allowed: 2026-07-15T08:00:00Z, or seconds since 1970 such as 1784102400`,
  )
}
