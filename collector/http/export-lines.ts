import { metricNameLabel, labelKey } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { isStaleAt } from '../../common/series/stale.ts'
import { encodeLabels } from './encode-answer.ts'
import { secondsText, valueText } from './number-text.ts'

/** Small enough to keep the event loop free. */
const pieceCharacters = 64 * 1024

type Pieces = AsyncIterable<SeriesSamples>
type Text = AsyncGenerator<string, void, undefined>

/**
 * VictoriaMetrics' JSON lines, at most `maxRows` samples in each. A series may have several lines. JSON has no
 * infinity and no NaN: they are "Infinity", "-Infinity", "NaN", and for a stale marker null, the one NaN that it has.
 */
export async function* jsonLines(pieces: Pieces, maxRows: number): Text {
  let text = ''
  for await (const { labels, timestamps, values } of pieces) {
    const metric = encodeLabels(labels)
    for (let from = 0; from < timestamps.length; from += maxRows) {
      const to = Math.min(from + maxRows, timestamps.length)
      text += `{"metric":${metric},"values":[`
      for (let i = from; i < to; i++) {
        text += `${i === from ? '' : ','}${jsonNumber(values, i)}`
        if (text.length >= pieceCharacters) {
          yield text
          text = ''
        }
      }
      text += '],"timestamps":['
      for (let i = from; i < to; i++) {
        text += `${i === from ? '' : ','}${timestamps[i]}`
        if (text.length >= pieceCharacters) {
          yield text
          text = ''
        }
      }
      text += ']}\n'
    }
  }
  if (text !== '') yield text
}

/** Prometheus' text format, one sample per line, with its time in milliseconds. */
export async function* prometheusLines(pieces: Pieces): Text {
  let text = ''
  for await (const { labels, timestamps, values } of pieces) {
    const name = seriesText(labels)
    for (let i = 0; i < timestamps.length; i++) {
      text += `${name} ${valueText(values[i]!)} ${timestamps[i]}\n`
      if (text.length >= pieceCharacters) {
        yield text
        text = ''
      }
    }
  }
  if (text !== '') yield text
}

/** The answer of an instant query for raw samples (`promapi`): a matrix. */
export async function* matrixDocument(pieces: Pieces): Text {
  let text = '{"status":"success","data":{"resultType":"matrix","result":['
  let series: string | undefined
  for await (const { labels, timestamps, values } of pieces) {
    const key = labelKey(labels)
    if (key !== series) {
      text += `${series === undefined ? '' : ']},'}{"metric":${encodeLabels(labels)},"values":[`
    }
    for (let i = 0; i < timestamps.length; i++) {
      const separator = i === 0 && key !== series ? '' : ','
      text += `${separator}[${secondsText(timestamps[i]!)},"${valueText(values[i]!)}"]`
      if (text.length >= pieceCharacters) {
        yield text
        text = ''
      }
    }
    series = key
  }
  yield `${text}${series === undefined ? '' : ']}'}]}}`
}

const plainName = /^[A-Za-z_:][A-Za-z0-9_:]*$/
const plainLabel = /^[A-Za-z_][A-Za-z0-9_]*$/

/** `name{label="value"}`; a name outside of the old alphabet stands in the braces, in quotes. */
export function seriesText(labels: LabelSet): string {
  let name = ''
  const parts: string[] = []
  for (let i = 0; i < labels.length; i += 2) {
    const label = labels[i]!
    const value = labels[i + 1]!
    if (label !== metricNameLabel)
      parts.push(`${plainLabel.test(label) ? label : quote(label)}=${quote(value)}`)
    else if (plainName.test(value)) name = value
    else parts.unshift(quote(value))
  }
  return parts.length === 0 && name !== '' ? name : `${name}{${parts.join(',')}}`
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`
}

function jsonNumber(values: Float64Array, index: number): string {
  const value = values[index]!
  if (Number.isFinite(value)) return String(value)
  if (value !== value) return isStaleAt(values, index) ? 'null' : '"NaN"'
  return value > 0 ? '"Infinity"' : '"-Infinity"'
}
