import { PgherdError } from '../../../common/errors.ts'
import { parseValue } from '../../../common/series/exposition/value.ts'
import type { CreateLineReader } from './line-reader.ts'
import { splitInfluxLine, unescapeInflux } from './influx-text.ts'

/** Milliseconds of a timestamp of each precision; an empty one is none at all. */
const precisions: Readonly<Record<string, (text: string) => number>> = {
  n: fromNanoseconds,
  ns: fromNanoseconds,
  u: fromMicroseconds,
  us: fromMicroseconds,
  µ: fromMicroseconds,
  ms: Number,
  s: (text) => Number(text) * 1000,
  m: (text) => Number(text) * 60_000,
  h: (text) => Number(text) * 3_600_000,
}

/**
 * InfluxDB's line protocol as VictoriaMetrics takes it: a field becomes the metric `measurement_field` (`field` without a
 * measurement), tags become labels, the `db` (or `bucket`) parameter the label db. true is 1, false and texts are 0.
 * Without `precision` the unit of a timestamp follows from its size.
 * @see https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
 */
export const readInfluxLines: CreateLineReader = (intake, { parameters, nowMs }) => {
  const toMs = readPrecision(parameters.get('precision') ?? '')
  const db = parameters.get('db') || parameters.get('bucket') || ''

  return (text) => {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text
    if (/^\s*(?:#|$)/.test(line)) return undefined
    const parts = splitInfluxLine(line)
    if (typeof parts === 'string') return parts
    const { series, fields, time } = parts
    if (!/^(?:-?\d{1,19})?$/.test(time)) return 'the timestamp is no integer'
    const timestampMs = time === '' || Number(time) === 0 ? nowMs : toMs(time)
    const values: number[] = []
    for (const { value } of fields) {
      const number = fieldValue(value)
      if (number === undefined) return `the value ${value.slice(0, 64)} is none`
      values.push(number)
    }
    let flat: readonly string[] | undefined
    for (const [i, field] of fields.entries()) {
      const key = `${series} ${field.key}`
      let ref = intake.known(key)
      if (ref === undefined) {
        flat ??= seriesLabels(series, db)
        const measurement = flat[1]!
        const name = unescapeInflux(field.key)
        ref = intake.series(key, [
          '__name__',
          measurement === '' ? name : `${measurement}_${name}`,
          ...flat.slice(2),
        ])
      }
      intake.sample(ref, timestampMs, values[i]!)
    }
    return undefined
  }
}

/** The measurement as the label __name__, then the tags; those without a value are none. */
function seriesLabels(series: string, db: string): readonly string[] {
  const [measurement = '', ...tags] = series.split(/(?<!\\),/)
  const flat = ['__name__', unescapeInflux(measurement)]
  let hasDb = db === ''
  for (const tag of tags) {
    const equals = tag.search(/(?<!\\)=/)
    if (equals < 0) continue
    const name = unescapeInflux(tag.slice(0, equals))
    if (name === 'db') hasDb = true
    flat.push(name, unescapeInflux(tag.slice(equals + 1)))
  }
  if (!hasDb) flat.push('db', db)
  return flat
}

function fieldValue(text: string): number | undefined {
  if (text.startsWith('"')) return 0
  if (/^(?:t|T|true|True|TRUE)$/.test(text)) return 1
  if (/^(?:f|F|false|False|FALSE)$/.test(text)) return 0
  if (/^[+-]?\d+[iu]$/.test(text)) return Number(text.slice(0, -1))
  return parseValue(text)
}

function readPrecision(precision: string): (text: string) => number {
  if (precision === '') return bySize
  if (Object.hasOwn(precisions, precision)) return precisions[precision]!
  throw new PgherdError(
    'BAD_REQUEST',
    `invalid parameter "precision": "${precision.slice(0, 16)}" is none of ${Object.keys(precisions).join(', ')}`,
  )
}

/** As VictoriaMetrics guesses it. */
function bySize(text: string): number {
  const number = Number(text)
  if (number >= 1e17) return fromNanoseconds(text)
  if (number >= 1e14) return fromMicroseconds(text)
  return number >= 1e11 ? number : number * 1000
}

/** Nanoseconds of our time have more digits than a number. */
function fromNanoseconds(text: string): number {
  return Number(BigInt(text) / 1_000_000n)
}

function fromMicroseconds(text: string): number {
  return Math.trunc(Number(text) / 1000)
}
