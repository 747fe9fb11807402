import type { SeriesSamples } from '../../../common/series/samples.ts'
import { setStale } from '../../../common/series/stale.ts'
import { readLabels } from './read-labels.ts'

const valuesKey = '},"values":['
const timesKey = '],"timestamps":['
const lineEnd = ']}'

/**
 * One line of /api/v1/export: `{"metric":{...},"values":[1,null,+Inf],"timestamps":[...]}`, sorted by time here. It is
 * not quite JSON, for infinities are written bare. Ordinary NaNs are not stored, so that `null` is a stale marker, and so
 * is `NaN`, as which VictoriaMetrics writes one that is the first of its line.
 * Of several samples with the same time the last is kept.
 * @returns undefined for anything else
 */
export function readExportLine(line: string): SeriesSamples | undefined {
  const timesAt = line.lastIndexOf(timesKey)
  // Quotes in label values are escaped, so that neither key can be inside one.
  const valuesAt = line.lastIndexOf(valuesKey, timesAt)
  if (timesAt < 0 || valuesAt < 0 || !line.endsWith(lineEnd)) return undefined
  const labels = readLabels(metricOf(`${line.slice(0, valuesAt + 1)}}`))
  const values = line.slice(valuesAt + valuesKey.length, timesAt).split(',')
  const times = line.slice(timesAt + timesKey.length, -lineEnd.length).split(',')
  if (labels === undefined || values.length !== times.length) return undefined
  const timestamps = Float64Array.from(times, Number)
  const numbers = new Float64Array(values.length)
  for (const [i, text] of values.entries()) {
    if (text === 'null' || text === 'NaN') setStale(numbers, i)
    else numbers[i] = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)
  }
  if (timestamps.some((time) => !Number.isSafeInteger(time))) return undefined
  return inOrder({ labels, timestamps, values: numbers })
}

function metricOf(json: string): unknown {
  try {
    return (JSON.parse(json) as { metric?: unknown }).metric
  } catch {
    return undefined
  }
}

/** Strictly increasing times; the arrays are moved as bits. */
function inOrder(series: SeriesSamples): SeriesSamples {
  const { labels, timestamps, values } = series
  let ordered = true
  for (let i = 1; i < timestamps.length; i++) if (timestamps[i]! <= timestamps[i - 1]!) ordered = false
  if (ordered) return series
  const order = Array.from(timestamps.keys()).sort((a, b) => timestamps[a]! - timestamps[b]! || a - b)
  const kept = order.filter((at, i) => timestamps[order[i + 1] ?? -1] !== timestamps[at])
  const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length)
  const keptBits = BigUint64Array.from(kept, (at) => bits[at]!)
  return {
    labels,
    timestamps: Float64Array.from(kept, (at) => timestamps[at]!),
    values: new Float64Array(keptBits.buffer),
  }
}
