import { formatAge, formatClock, formatDateTime } from './time.ts'
import { digits, formatSeconds } from './units.ts'

/** `decimals` null means three significant digits; `nowMs` is for units that tell an age. */
interface Precision {
  readonly decimals: number | null
  readonly nowMs: number
}
type Format = (value: number, precision: Precision) => string

const decimalPrefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']
const binaryPrefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

const number = (value: number, { decimals }: Precision): string =>
  decimals === null ? digits(value) : value.toFixed(decimals)

const plain =
  (suffix: string): Format =>
  (value, precision) =>
    number(value, precision) + suffix

/** A unit with prefixes: `symbol` after them, the first of them for `from` (1 is kilo). */
function prefixed(base: 1000 | 1024, symbol: string, from = 0): Format {
  const prefixes = base === 1000 ? decimalPrefixes : binaryPrefixes
  return (value, precision) => {
    let rest = value
    let index = from
    while (Math.abs(rest) >= base * 0.9995 && index < prefixes.length - 1) {
      rest /= base
      index++
    }
    // Nobody has a part of a byte.
    const isWhole = symbol === 'B' && index === 0 && Number.isInteger(rest)
    const text = isWhole ? String(rest) : number(rest, precision)
    const unit = `${prefixes[index]!}${symbol}`
    return unit === '' ? text : `${text} ${unit.trimStart()}`
  }
}

const seconds =
  (factor: number): Format =>
  (value, { decimals }) => {
    const inSeconds = value * factor
    if (decimals === null || Math.abs(inSeconds) >= 60) return formatSeconds(inSeconds)
    if (Math.abs(inSeconds) >= 1 || inSeconds === 0) return `${inSeconds.toFixed(decimals)} s`
    if (Math.abs(inSeconds) >= 1e-3) return `${(inSeconds * 1e3).toFixed(decimals)} ms`
    return `${(inSeconds * 1e6).toFixed(decimals)} µs`
  }

/** `02:03:04`, with days in front where there are any. */
const clock: Format = (value) => {
  const whole = Math.round(Math.abs(value))
  const two = (part: number): string => String(part).padStart(2, '0')
  const days = Math.floor(whole / 86_400)
  const text = [Math.floor((whole % 86_400) / 3600), Math.floor((whole % 3600) / 60), whole % 60].map(two)
  return `${value < 0 ? '-' : ''}${days > 0 ? `${days} d ` : ''}${text.join(':')}`
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })
const truth =
  (no: string, yes: string): Format =>
  (value) =>
    value === 0 ? no : yes
const perSecond = (name: string): Format => prefixed(1000, `${name}/s`)

/** Grafana's unit ids, as far as boards of databases and their hosts use them. */
const formats: Readonly<Record<string, Format>> = {
  none: plain(''),
  short: prefixed(1000, ''),
  sishort: prefixed(1000, ''),
  locale: (value) => grouped.format(value),
  percent: plain(' %'),
  percentunit: (value, precision) => `${number(value * 100, precision)} %`,
  bytes: prefixed(1024, 'B'),
  kbytes: prefixed(1024, 'B', 1),
  mbytes: prefixed(1024, 'B', 2),
  gbytes: prefixed(1024, 'B', 3),
  decbytes: prefixed(1000, 'B'),
  deckbytes: prefixed(1000, 'B', 1),
  decmbytes: prefixed(1000, 'B', 2),
  decgbytes: prefixed(1000, 'B', 3),
  bits: prefixed(1024, 'b'),
  decbits: prefixed(1000, 'b'),
  Bps: prefixed(1000, 'B/s'),
  binBps: prefixed(1024, 'B/s'),
  bps: prefixed(1000, 'b/s'),
  binbps: prefixed(1024, 'b/s'),
  pps: perSecond('p'),
  ns: seconds(1e-9),
  µs: seconds(1e-6),
  ms: seconds(1e-3),
  s: seconds(1),
  m: seconds(60),
  h: seconds(3600),
  d: seconds(86_400),
  dtdurations: seconds(1),
  dtdurationms: seconds(1e-3),
  clocks: clock,
  clockms: (value, precision) => clock(value / 1000, precision),
  dthms: clock,
  dtdhms: clock,
  timeticks: seconds(0.01),
  ops: perSecond(''),
  reqps: perSecond(' req'),
  rps: perSecond(' reads'),
  wps: perSecond(' writes'),
  iops: perSecond(' IO'),
  eps: perSecond(' ev'),
  mps: perSecond(' msg'),
  cps: perSecond(''),
  opm: prefixed(1000, '/min'),
  rpm: prefixed(1000, '/min'),
  hertz: prefixed(1000, 'Hz'),
  celsius: plain(' °C'),
  bool: truth('False', 'True'),
  bool_yes_no: truth('No', 'Yes'),
  bool_on_off: truth('Off', 'On'),
  dateTimeFromNow: (value, { nowMs }) =>
    value > nowMs ? `in ${formatSeconds(Math.round((value - nowMs) / 1000))}` : formatAge(nowMs - value),
  dateTimeAsIso: (value) => formatDateTime(value),
  dateTimeAsIsoNoDateIfToday: (value, { nowMs }) =>
    new Date(value).toDateString() === new Date(nowMs).toDateString()
      ? formatClock(value)
      : formatDateTime(value),
  dateTimeAsLocal: (value) => formatDateTime(value),
  dateTimeAsUS: (value) => formatDateTime(value),
  dateTimeAsSystem: (value) => formatDateTime(value),
}

/** Whether values of the unit are sizes whose round numbers are powers of two. */
export function isBinaryUnit(unit: string): boolean {
  return /^(?:[kmg]?bytes|binBps|bits|binbps)$/.test(unit)
}

/**
 * A number in one of Grafana's units; `suffix:x`, `prefix:x` and unknown ids stand beside the number as text.
 * Times (`dateTime...`) are milliseconds since the epoch. Null and NaN are a dash.
 */
export function formatInUnit(
  value: number | null | undefined,
  unit: string,
  decimals: number | null,
  nowMs: number,
): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '-∞'
  const precision = { decimals, nowMs }
  const known = formats[unit === '' ? 'short' : unit]
  if (known !== undefined) return known(value, precision)
  const text = number(value, precision)
  if (unit.startsWith('suffix:')) return `${text} ${unit.slice('suffix:'.length)}`
  if (unit.startsWith('prefix:')) return `${unit.slice('prefix:'.length)} ${text}`
  return `${text} ${unit}`
}
