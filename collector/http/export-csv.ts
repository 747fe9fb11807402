import { labelValue } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { valueText } from './number-text.ts'
import { invalidParameter } from './request-parameters.ts'

const pieceCharacters = 64 * 1024

const timeFormats: Readonly<Record<string, (timeMs: number) => string>> = {
  unix_s: (timeMs) => String(Math.floor(timeMs / 1000)),
  unix_ms: String,
  unix_ns: (timeMs) => (timeMs === 0 ? '0' : `${timeMs}000000`),
  rfc3339: (timeMs) => new Date(timeMs).toISOString(),
}

/** One column: its name in the header, and its text in a row. */
export interface CsvColumn {
  readonly header: string
  readonly kind: 'label' | 'value' | 'time'
  readonly text: (labels: LabelSet, timeMs: number, value: number) => string
}

/** VictoriaMetrics' `format`: `__name__,job,__value__,__timestamp__:unix_s`. */
export function parseCsvFormat(format: string): readonly CsvColumn[] {
  return format.split(',').map((column): CsvColumn => {
    const mark = column.indexOf(':')
    const header = mark === -1 ? column : column.slice(0, mark)
    if (header === '__value__')
      return { header, kind: 'value', text: (_labels, _time, value) => valueText(value) }
    if (header === '__timestamp__') {
      const name = mark === -1 ? 'unix_s' : column.slice(mark + 1)
      const write = Object.hasOwn(timeFormats, name) ? timeFormats[name] : undefined
      if (write === undefined) {
        throw invalidParameter(
          'format',
          `unknown format of time "${name.slice(0, 64)}"; known: ${Object.keys(timeFormats).join(', ')}`,
        )
      }
      return { header, kind: 'time', text: (_labels, timeMs) => write(timeMs) }
    }
    if (header === '') throw invalidParameter('format', 'a column has no name')
    return { header, kind: 'label', text: (labels) => quote(labelValue(labels, header)) }
  })
}

/** A header, then a line for each sample. */
export async function* csvLines(
  pieces: AsyncIterable<SeriesSamples>,
  columns: readonly CsvColumn[],
): AsyncGenerator<string, void, undefined> {
  let text = `${columns.map(({ header }) => quote(header)).join(',')}\n`
  for await (const { labels, timestamps, values } of pieces) {
    const fixed = columns.map(({ kind, text: write }) => (kind === 'label' ? write(labels, 0, 0) : undefined))
    for (let i = 0; i < timestamps.length; i++) {
      for (let c = 0; c < columns.length; c++) {
        text += `${c === 0 ? '' : ','}${fixed[c] ?? columns[c]!.text(labels, timestamps[i]!, values[i]!)}`
      }
      text += '\n'
      if (text.length >= pieceCharacters) {
        yield text
        text = ''
      }
    }
  }
  if (text !== '') yield text
}

/** RFC 4180. */
function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
