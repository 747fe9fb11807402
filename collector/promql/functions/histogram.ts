import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import { concatenate } from '../evaluate/concatenate.ts'
import { isValidLabelName, withLabel } from '../evaluate/labels.ts'
import { isUnusualQuantile } from '../evaluate/quantile.ts'
import { queryFailed, reserveCells } from '../evaluate/query.ts'
import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { dropNames, mergeSameLabels } from '../evaluate/series-merge.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'
import type { Span } from '../syntax/ast.ts'
import { formatGeneral, formatNumber } from '../syntax/numbers.ts'
import { quote } from '../syntax/quoting.ts'
import { bucketFraction, bucketQuantile } from './bucket-quantile.ts'
import { allocateBuckets, groupBuckets, readBuckets } from './buckets.ts'
import type { Buckets, Histogram } from './buckets.ts'
import { scalarArgument, textArgument, vectorArgument } from './implement.ts'

/** One value per histogram and step in which it has any bucket. */
async function overHistograms(
  vector: Vector,
  histograms: readonly Histogram[],
  { query }: CallInput,
  valueOf: (buckets: Buckets, step: number, histogram: Histogram) => number,
): Promise<Vector> {
  const { steps } = vector
  reserveCells(query, histograms.length, steps)
  const out = allocateVector(
    histograms.map(({ labels }) => labels),
    steps,
    Uint8Array.from(histograms, ({ dropName }) => (dropName ? 1 : 0)),
  )
  for (const [i, histogram] of histograms.entries()) {
    if (query.pacer.due()) await query.pacer.pause()
    const buckets = allocateBuckets(histogram.series.length)
    for (let k = 0; k < steps; k++) {
      readBuckets(buckets, histogram, vector, k)
      if (buckets.length === 0) continue
      out.values[i * steps + k] = valueOf(buckets, k, histogram)
      out.present[i * steps + k] = 1
    }
  }
  return out
}

function quantiles(
  vector: Vector,
  histograms: readonly Histogram[],
  q: Float64Array,
  input: CallInput,
): Promise<Vector> {
  const { annotations } = input.query
  const vectorSpan = vectorSpanOf(input)
  return overHistograms(vector, histograms, input, (buckets, step, histogram) =>
    bucketQuantile(q[step]!, buckets, () => {
      const name = labelValue(histogram.labels, metricNameLabel)
      annotations.info(
        `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/` +
          `prometheus/latest/querying/functions/#histogram_quantile) for metric name ${quote(name)}`,
        vectorSpan,
      )
    }),
  )
}

function warnOfQuantiles(q: Float64Array, span: Span, { query }: CallInput): void {
  for (const value of new Set(q)) {
    if (!isUnusualQuantile(value)) continue
    query.annotations.warn(`quantile value should be between 0 and 1, got ${formatGeneral(value)}`, span)
  }
}

/** As OpenMetrics writes the float of a label: 1.0, not 1. */
function formatBound(value: number): string {
  const text = formatNumber(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function vectorSpanOf({ call, args }: CallInput): Span {
  return call.args[args.findIndex((arg) => arg.kind === 'vector')]!.span
}

const histogramQuantile: FunctionImplementation = async (input) => {
  const q = scalarArgument(input, 0).values
  const vector = vectorArgument(input, 1)
  warnOfQuantiles(q, input.call.args[0]!.span, input)
  const histograms = groupBuckets(vector, input, vectorSpanOf(input))
  return dropNames(await quantiles(vector, histograms, q, input), input.query)
}

const histogramQuantiles: FunctionImplementation = async (input) => {
  const vector = vectorArgument(input, 0)
  const label = textArgument(input, 1)
  if (!isValidLabelName(label)) throw queryFailed(`invalid label name ${quote(label)}`)
  const histograms = groupBuckets(vector, input, vectorSpanOf(input))
  const parts: Vector[] = []
  for (let i = 2; i < input.args.length; i++) {
    const q = scalarArgument(input, i).values
    warnOfQuantiles(q, input.call.args[i]!.span, input)
    const part = await dropNames(await quantiles(vector, histograms, q, input), input.query)
    parts.push({ ...part, labels: part.labels.map((labels) => withLabel(labels, label, formatBound(q[0]!))) })
  }
  return mergeSameLabels(concatenate(parts, vector.steps, input.query), input.query)
}

const histogramFraction: FunctionImplementation = (input) =>
  fractionBetween(
    scalarArgument(input, 0).values,
    scalarArgument(input, 1).values,
    vectorArgument(input, 2),
    input,
  )

/** MetricsQL: the share of observations up to a value. */
const histogramShare: FunctionImplementation = (input) => {
  const upper = scalarArgument(input, 0).values
  return fractionBetween(
    upper.map(() => -Infinity),
    upper,
    vectorArgument(input, 1),
    input,
  )
}

async function fractionBetween(
  lower: Float64Array,
  upper: Float64Array,
  vector: Vector,
  input: CallInput,
): Promise<Vector> {
  const histograms = groupBuckets(vector, input, vectorSpanOf(input))
  const fractions = await overHistograms(vector, histograms, input, (buckets, step) =>
    bucketFraction(lower[step]!, upper[step]!, buckets),
  )
  return dropNames(fractions, input.query)
}

/** Functions of classic histograms. */
export const histogramFunctions: Readonly<Record<string, FunctionImplementation>> = {
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  histogram_fraction: histogramFraction,
  histogram_share: histogramShare,
}
