/**
 * A part of time as it stands in an address, each end `now`, `now-6h`, `now/d`, milliseconds since the epoch or an
 * ISO time: what Grafana writes (grafana.com/docs/grafana/latest/dashboards/use-dashboards/#time-units-and-relative-ranges).
 */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

/** Milliseconds since the epoch. */
export interface TimeSpan {
  readonly fromMs: number
  readonly toMs: number
}

/** The choices of the picker, each up to now. */
export const quickRanges: readonly (readonly [from: string, text: string])[] = [
  ['now-5m', '5 min'],
  ['now-15m', '15 min'],
  ['now-30m', '30 min'],
  ['now-1h', '1 hour'],
  ['now-3h', '3 hours'],
  ['now-6h', '6 hours'],
  ['now-12h', '12 hours'],
  ['now-24h', '24 hours'],
  ['now-2d', '2 days'],
  ['now-7d', '7 days'],
  ['now-30d', '30 days'],
  ['now-90d', '90 days'],
]

const relative = /^now(?:([-+])(\d{1,6})([smhdwMy]))?(?:\/([smhdwMy]))?$/

/** One end of a range as milliseconds since the epoch; a rounded end goes to the end of its unit. Null for what is no time. */
export function parseTime(text: string, nowMs: number, isEnd: boolean): number | null {
  const ms = readTime(text, nowMs, isEnd)
  // A Date knows no more than 270 000 years to either side.
  return Number.isNaN(ms) ? null : ms
}

/** Not a number for what is no time. */
function readTime(text: string, nowMs: number, isEnd: boolean): number {
  const match = relative.exec(text)
  if (match !== null) {
    const [, sign, count, unit, rounding] = match
    const date = new Date(nowMs)
    if (count !== undefined && unit !== undefined) {
      shift(date, unit, sign === '-' ? -Number(count) : Number(count))
    }
    if (rounding !== undefined) {
      startOf(date, rounding)
      if (isEnd) {
        shift(date, rounding, 1)
        return date.getTime() - 1
      }
    }
    return date.getTime()
  }
  if (/^\d{9,14}$/.test(text)) return Number(text)
  // A bare number is a year to Date.parse, and an address with one is a mistake.
  return /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN
}

function shift(date: Date, unit: string, count: number): void {
  switch (unit) {
    case 'd':
      date.setDate(date.getDate() + count)
      return
    case 'w':
      date.setDate(date.getDate() + 7 * count)
      return
    case 'M':
      date.setMonth(date.getMonth() + count)
      return
    case 'y':
      date.setFullYear(date.getFullYear() + count)
      return
    default: {
      const seconds = unit === 's' ? 1 : unit === 'm' ? 60 : 3600
      date.setTime(date.getTime() + count * seconds * 1000)
    }
  }
}

/** Goes back to the start of a unit in the reader's time zone; weeks start on Monday. */
function startOf(date: Date, unit: string): void {
  date.setMilliseconds(0)
  if (unit === 's') return
  date.setSeconds(0)
  if (unit === 'm') return
  date.setMinutes(0)
  if (unit === 'h') return
  date.setHours(0)
  if (unit === 'w') date.setDate(date.getDate() - ((date.getDay() + 6) % 7))
  if (unit === 'M' || unit === 'y') date.setDate(1)
  if (unit === 'y') date.setMonth(0)
}

/** Both ends when it is `nowMs`; null when they are no times or the wrong way round. */
export function spanOf(range: TimeRange, nowMs: number): TimeSpan | null {
  const fromMs = parseTime(range.from, nowMs, false)
  const toMs = parseTime(range.to, nowMs, true)
  return fromMs === null || toMs === null || fromMs >= toMs ? null : { fromMs, toMs }
}

/** Whether the range moves on with time. */
export function isRelative({ from, to }: TimeRange): boolean {
  return from.startsWith('now') || to.startsWith('now')
}

/** The range of whole milliseconds between two instants. */
export function absoluteRange({ fromMs, toMs }: TimeSpan): TimeRange {
  return { from: String(Math.round(fromMs)), to: String(Math.round(toMs)) }
}
