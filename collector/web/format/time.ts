import { formatSeconds } from './units.ts'

const two = (value: number): string => String(value).padStart(2, '0')

/** `14:03:20` in the reader's own time zone. */
export function formatClock(ms: number): string {
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `2026-03-01 14:03:20` in the reader's own time zone. */
export function formatDateTime(ms: number): string {
  const date = new Date(ms)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatClock(ms)}`
}

/**
 * Labels of a time axis whose ticks are `stepSeconds` apart: seconds only where ticks are closer than a
 * minute, and the date where a tick is midnight.
 */
export function formatTick(seconds: number, stepSeconds: number): string {
  const date = new Date(seconds * 1000)
  const clock = formatClock(seconds * 1000)
  if (stepSeconds < 60) return clock
  if (date.getHours() === 0 && date.getMinutes() === 0)
    return `${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return clock.slice(0, 5)
}

/** How long ago something was: `now` below two seconds, whole seconds below a minute, then two parts. */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return seconds < 2 ? 'now' : `${formatSeconds(seconds)} ago`
}
