import { PgherdError } from '../../../common/errors.ts'
import { compileGoLayout } from './go-layout.ts'

export type CsvColumn = { readonly position: number } & (
  | { readonly kind: 'metric' | 'label'; readonly name: string }
  /** Milliseconds since the epoch, undefined when it is no time. */
  | { readonly kind: 'time'; readonly parse: (text: string) => number | undefined }
)

export interface CsvFormat {
  readonly columns: readonly CsvColumn[]
  /** The highest position. */
  readonly last: number
}

const mostColumns = 1000

/**
 * `2:metric:ask,1:label:ticker,3:time:unix_s`: the position of a column from 1, its kind and its name or time format
 * (unix_s, unix_ms, unix_us, unix_ns, rfc3339, custom:<layout of Go's time package>).
 * @throws PgherdError BAD_REQUEST
 */
export function readCsvFormat(text: string): CsvFormat {
  const columns = text.split(',', mostColumns).map(readColumn)
  if (!columns.some(({ kind }) => kind === 'metric')) throw bad('it names no metric')
  if (columns.filter(({ kind }) => kind === 'time').length > 1) throw bad('it names two times')
  return { columns, last: Math.max(...columns.map(({ position }) => position)) }
}

function readColumn(text: string): CsvColumn {
  const [place = '', kind = '', ...rest] = text.split(':')
  const name = rest.join(':')
  const position = /^\d{1,5}$/.test(place) ? Number(place) : 0
  if (position < 1 || rest.length === 0) {
    throw bad(`"${text.slice(0, 64)}" is not <position>:<metric|label|time>:<name or format>`)
  }
  if (kind === 'time') return { position, kind, parse: timeParser(name) }
  if (kind !== 'metric' && kind !== 'label') {
    throw bad(`"${kind.slice(0, 64)}" is none of metric, label and time`)
  }
  if (name === '') throw bad(`column ${position} has no name`)
  return { position, kind, name }
}

function timeParser(format: string): (text: string) => number | undefined {
  if (/^unix_(?:s|ms|us|ns)$/.test(format)) return (text) => unixTime(text, format)
  if (format === 'rfc3339') return rfc3339
  if (format.startsWith('custom:')) {
    const parse = compileGoLayout(format.slice('custom:'.length))
    if (parse !== undefined) return parse
  }
  throw bad(`the time format "${format.slice(0, 64)}" is not known`)
}

function unixTime(text: string, format: string): number | undefined {
  if (!/^-?\d{1,19}(?:\.\d{1,19})?$/.test(text)) return undefined
  switch (format) {
    case 'unix_s':
      return Math.round(Number(text) * 1000)
    case 'unix_ms':
      return Math.trunc(Number(text))
    case 'unix_us':
      return Math.trunc(Number(text) / 1000)
    default:
      return Number(BigInt(text.split('.')[0] ?? '0') / 1_000_000n)
  }
}

function rfc3339(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text))
    return undefined
  const time = Date.parse(text.toUpperCase().replace(' ', 'T'))
  return Number.isNaN(time) ? undefined : time
}

function bad(what: string): PgherdError {
  return new PgherdError('BAD_REQUEST', `invalid parameter "format": ${what}`)
}
