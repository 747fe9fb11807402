import { weekDays } from './schema.ts'
import type { Hours, WeekDay } from './schema.ts'

/** Whether a moment lies in the hours, by the clocks of a time zone. */
export function isWithin({ days, from, to }: Hours, atMs: number, timeZone: string): boolean {
  const { day, minute } = wallClock(atMs, timeZone)
  if (from < to) return days.includes(day) && minute >= from && minute < to
  // Over midnight: the hours belong to the day on which they begin.
  if (minute >= from) return days.includes(day)
  return minute < to && days.includes(dayBefore(day))
}

function dayBefore(day: WeekDay): WeekDay {
  return weekDays[(weekDays.indexOf(day) + 6) % 7]!
}

/** Day of the week and minutes since midnight as a clock on the wall shows them. */
function wallClock(atMs: number, timeZone: string): { day: WeekDay; minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const shown = parts.get('weekday')?.toLowerCase()
  const day = weekDays.find((one) => one === shown)
  if (day === undefined) throw new Error(`no day of the week: ${String(shown)}`)
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

/** `mon, tue 22:00 to 06:00`. */
export function printHours({ days, from, to }: Hours): string {
  return `${days.length === 7 ? 'daily' : days.join(', ')} ${printTime(from)} to ${printTime(to)}`
}

function printTime(minutes: number): string {
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
}
