interface Parts {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millisecond: number
  /** undefined where the layout has no am and pm. */
  isAfternoon: boolean | undefined
  /** East of Greenwich. */
  offsetMinutes: number
}

interface Element {
  readonly pattern: string
  readonly set: (parts: Parts, text: string) => void
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const short = (names: readonly string[]): string => names.map((name) => name.slice(0, 3)).join('|')

const ignore = (): void => undefined
const number =
  (field: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second') =>
  (parts: Parts, text: string): void => {
    parts[field] = Number(text)
  }
const month = (parts: Parts, text: string): void => {
  parts.month = months.findIndex((name) => name.startsWith(text)) + 1
}
const offset = (parts: Parts, text: string): void => {
  if (text === 'Z') return
  const digits = text.replace(/[^\d]/g, '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4))
  parts.offsetMinutes = text.startsWith('-') ? -minutes : minutes
}

/** The reference time Mon Jan 2 15:04:05 2006 in pieces. */
const elements: Readonly<Record<string, Element>> = {
  January: { pattern: months.join('|'), set: month },
  Monday: { pattern: days.join('|'), set: ignore },
  'Z07:00': { pattern: 'Z|[+-]\\d\\d:\\d\\d', set: offset },
  '-07:00': { pattern: '[+-]\\d\\d:\\d\\d', set: offset },
  Z0700: { pattern: 'Z|[+-]\\d{4}', set: offset },
  '-0700': { pattern: '[+-]\\d{4}', set: offset },
  '-07': { pattern: '[+-]\\d\\d', set: offset },
  '2006': { pattern: '\\d{4}', set: number('year') },
  Jan: { pattern: short(months), set: month },
  Mon: { pattern: short(days), set: ignore },
  MST: { pattern: 'UTC|GMT', set: ignore },
  '01': { pattern: '\\d\\d', set: number('month') },
  '02': { pattern: '\\d\\d', set: number('day') },
  '03': { pattern: '\\d\\d', set: number('hour') },
  '04': { pattern: '\\d\\d', set: number('minute') },
  '05': { pattern: '\\d\\d', set: number('second') },
  '06': {
    pattern: '\\d\\d',
    set: (parts, text) => {
      parts.year = Number(text) + (Number(text) >= 69 ? 1900 : 2000)
    },
  },
  '15': { pattern: '\\d\\d', set: number('hour') },
  PM: {
    pattern: 'AM|PM',
    set: (parts, text) => {
      parts.isAfternoon = text === 'PM'
    },
  },
  pm: {
    pattern: 'am|pm',
    set: (parts, text) => {
      parts.isAfternoon = text === 'pm'
    },
  },
  _2: { pattern: '[ \\d]\\d', set: number('day') },
  '1': { pattern: '\\d\\d?', set: number('month') },
  '2': { pattern: '\\d\\d?', set: number('day') },
  '3': { pattern: '\\d\\d?', set: number('hour') },
  '4': { pattern: '\\d\\d?', set: number('minute') },
  '5': { pattern: '\\d\\d?', set: number('second') },
}

/** Of two that begin alike the longer is meant. */
const names = Object.keys(elements).sort((a, b) => b.length - a.length)

const fraction: Element = {
  pattern: '(?:[.,]\\d{1,18})?',
  set: (parts, text) => {
    parts.millisecond = Math.trunc(Number(`0.${text.slice(1).padEnd(3, '0')}`) * 1000)
  },
}

/**
 * A parser for times that are written as this layout of Go's time package shows the second of January 2006, 15:04:05.
 * Zones by name other than UTC and GMT, and days of the year, are not read.
 * @returns undefined when the layout shows no year; the parser gives milliseconds, or undefined
 * @see https://pkg.go.dev/time#pkg-constants
 */
export function compileGoLayout(layout: string): ((text: string) => number | undefined) | undefined {
  const used: Element[] = []
  let source = ''
  for (let at = 0; at < layout.length;) {
    const dots = /^[.,](?:0+|9+)(?!\d)/.exec(layout.slice(at))?.[0]
    const name = names.find((one) => layout.startsWith(one, at))
    const element = dots === undefined ? (name === undefined ? undefined : elements[name]) : fraction
    if (element === undefined) source += layout[at]!.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')
    else {
      used.push(element)
      source += `(${element.pattern})`
    }
    at += element === undefined ? 1 : (dots ?? name ?? '').length
  }
  if (!used.some((element) => element === elements['2006'] || element === elements['06'])) return undefined
  const pattern = new RegExp(`^${source}$`)
  return (text) => {
    const match = pattern.exec(text)
    if (match === null) return undefined
    const parts: Parts = {
      year: 0,
      month: 1,
      day: 1,
      hour: 0,
      minute: 0,
      second: 0,
      millisecond: 0,
      isAfternoon: undefined,
      offsetMinutes: 0,
    }
    for (const [i, element] of used.entries()) element.set(parts, match[i + 1] ?? '')
    return toMs(parts)
  }
}

function toMs(parts: Parts): number | undefined {
  const { year, day, minute, second, millisecond } = parts
  const hour = parts.isAfternoon === undefined ? parts.hour : (parts.hour % 12) + (parts.isAfternoon ? 12 : 0)
  const time = Date.UTC(year, parts.month - 1, day, hour, minute, second, millisecond)
  const back = new Date(time)
  const isReal = back.getUTCDate() === day && back.getUTCHours() === hour && back.getUTCMinutes() === minute
  return isReal ? time - parts.offsetMinutes * 60_000 : undefined
}
