import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { nextTurn } from '../../../common/turn.ts'
import { arrayElements } from './array-elements.ts'
import { readLabels } from './read-labels.ts'

/** What a query of VictoriaMetrics gives: a vector, or a matrix. */
export interface EngineResult {
  readonly type: 'vector' | 'matrix'
  /** Points of a vector are series of one sample. */
  readonly series: readonly SeriesSamples[]
  /** Some storage nodes of a cluster did not answer. */
  readonly isPartial: boolean
}

export interface ResultLimits {
  readonly maxSeries: number
  readonly maxSamples: number
  readonly signal: AbortSignal
}

const envelope = z.object({
  status: z.literal('success'),
  isPartial: z.boolean().optional(),
  data: z.object({ resultType: z.enum(['vector', 'matrix']), result: z.array(z.never()) }),
})

const arrayKey = Buffer.from('"result":[')
/** Bytes that are parsed in one turn. */
const sliceBytes = 256 * 1024

/**
 * Reads the answer to a query, in turns with other computations: an answer may have many megabytes.
 * @throws PgherdError UNREACHABLE when it is not what a VictoriaMetrics answers, QUERY_LIMIT
 */
export async function readResult(json: Uint8Array, limits: ResultLimits): Promise<EngineResult> {
  const text = Buffer.from(json.buffer, json.byteOffset, json.length)
  const key = text.indexOf(arrayKey)
  const from = key + arrayKey.length
  // Nothing that others chose comes before the result, so the first such key is the one.
  const found = key < 0 ? undefined : arrayElements(json, from)
  if (found === undefined) throw notAnAnswer(text)
  const outside = parseJson(`${text.toString('utf8', 0, from)}${text.toString('utf8', found.end)}`)
  const { success, data: answer } = envelope.safeParse(outside)
  if (!success) throw notAnAnswer(text)
  const { bounds } = found
  if (bounds.length / 2 > limits.maxSeries) {
    throw new PgherdError(
      'QUERY_LIMIT',
      `the result has ${bounds.length / 2} series; at most ${limits.maxSeries} are allowed`,
    )
  }
  const series: SeriesSamples[] = []
  let samples = 0
  let slice = 0
  for (let i = 0; i < bounds.length; i += 2) {
    const one = readSeries(parseJson(text.toString('utf8', bounds[i], bounds[i + 1])))
    if (one === undefined) throw notAnAnswer(text)
    samples += one.timestamps.length
    if (samples > limits.maxSamples) {
      throw new PgherdError('QUERY_LIMIT', `the result has more than ${limits.maxSamples} samples`)
    }
    series.push(one)
    slice += bounds[i + 1]! - bounds[i]!
    if (slice < sliceBytes) continue
    slice = 0
    await nextTurn()
    limits.signal.throwIfAborted()
  }
  return { type: answer.data.resultType, series, isPartial: answer.isPartial === true }
}

function readSeries(element: unknown): SeriesSamples | undefined {
  if (typeof element !== 'object' || element === null) return undefined
  const { metric, value, values } = element as { metric?: unknown; value?: unknown; values?: unknown }
  const labels = readLabels(metric)
  const points: readonly unknown[] = Array.isArray(values) ? values : [value]
  return labels === undefined ? undefined : readPoints(labels, points)
}

function readPoints(labels: LabelSet, points: readonly unknown[]): SeriesSamples | undefined {
  const timestamps = new Float64Array(points.length)
  const values = new Float64Array(points.length)
  let count = 0
  for (const point of points) {
    if (!Array.isArray(point)) return undefined
    const [seconds, text] = point as readonly unknown[]
    if (typeof seconds !== 'number' || typeof text !== 'string') return undefined
    // Only raw samples have it, where it is a stale marker: no sample for PromQL.
    if (text === 'NaN') continue
    timestamps[count] = Math.round(seconds * 1000)
    values[count] = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)
    count++
  }
  return { labels, timestamps: timestamps.subarray(0, count), values: values.subarray(0, count) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function notAnAnswer(text: Buffer): PgherdError {
  const start = JSON.stringify(text.toString('utf8', 0, 80))
  return new PgherdError('UNREACHABLE', `VictoriaMetrics answered a query with something else: ${start}`)
}
