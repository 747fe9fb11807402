import { labelValue, metricNameLabel } from '../series/label-set.ts'
import type { LabelSet } from '../series/label-set.ts'
import { metricPart, restPart, seriesHeader, valueBytes } from './series-bytes.ts'
import { seriesDifference } from './series-difference.ts'
import type { SeriesDifference } from './series-difference.ts'

/** What an encoder remembers of a series: not its bytes, but how they follow from those of the one before it. */
export interface Known {
  readonly id: number
  readonly metric: Metric
  readonly header: Uint8Array
  /** Bytes of its entry in a request, sample included. */
  readonly total: number
  /** The id of the series that `difference` is from; 0 while there is none. */
  neighbour: number
  difference: SeriesDifference | undefined
  /** From the beginning of the neighbour's rest to that of this one's. */
  restDistance: number
}

/** A metric's name in front of the other labels, and where the last series of it was written. */
export interface Metric {
  readonly bytes: Uint8Array
  readonly ends: readonly number[]
  /** How the name follows from that of another metric, and over which distance; for where it comes first. */
  difference: SeriesDifference | undefined
  after: Metric | undefined
  distance: number
  request: number
  /** Where its entry starts, in uncompressed bytes. */
  start: number
  /** In the batch. */
  index: number
  last: Known | undefined
}

export interface KnownSeries {
  get(labels: LabelSet): Known
  /** Sets the difference of a series from its neighbour. */
  compare(one: Known, labels: LabelSet, neighbour: Known, neighbourLabels: LabelSet): void
  /** How the name of a series follows from that of its neighbour. */
  nameDifference(one: Known, neighbour: Known): SeriesDifference
}

/** Names come from probes and are few; those of a stranger must not fill the memory. */
const maxMetrics = 10_000
/** Of series whose headers are kept. */
const commonLength = 4096

/** @param tailBytes of each sample, the same for all */
export function createKnownSeries(tailBytes: number): KnownSeries {
  const known = new WeakMap<LabelSet, Known>()
  const metrics = new Map<string, Metric>()
  /** By length: few are different. */
  const headers = new Map<number, Uint8Array>()
  let lastId = 0

  const headerOf = (length: number): Uint8Array => {
    let header = headers.get(length)
    if (header === undefined) {
      header = seriesHeader(length)
      if (length < commonLength) headers.set(length, header)
    }
    return header
  }

  const metricOf = (labels: LabelSet): Metric => {
    const { bytes, ends } = metricPart(labels)
    const name = bytes.length === 0 ? '' : labelValue(labels, metricNameLabel)
    let metric = metrics.get(name)
    if (metric === undefined) {
      metric = {
        bytes,
        ends,
        difference: undefined,
        after: undefined,
        distance: 0,
        request: 0,
        start: 0,
        index: 0,
        last: undefined,
      }
      if (metrics.size >= maxMetrics) metrics.clear()
      metrics.set(name, metric)
    }
    return metric
  }
  /** Behind the header and the name. */
  const restStart = ({ header, metric }: Known) => header.length + metric.bytes.length

  return {
    get(labels) {
      let one = known.get(labels)
      if (one === undefined) {
        const metric = metricOf(labels)
        const length = metric.bytes.length + restPart(labels, tailBytes).bytes.length + valueBytes + tailBytes
        const header = headerOf(length)
        const total = header.length + length
        one = { id: ++lastId, metric, header, total, neighbour: 0, difference: undefined, restDistance: 0 }
        known.set(labels, one)
      }
      return one
    },
    compare(one, labels, neighbour, neighbourLabels) {
      one.restDistance = neighbour.total - restStart(neighbour) + restStart(one)
      one.difference = seriesDifference(
        restPart(neighbourLabels, tailBytes),
        restPart(labels, tailBytes),
        one.restDistance,
      )
      one.neighbour = neighbour.id
    },
    nameDifference({ metric, header }, neighbour) {
      const distance = neighbour.total - neighbour.header.length + header.length
      const { difference } = metric
      if (difference !== undefined && metric.after === neighbour.metric && metric.distance === distance) {
        return difference
      }
      metric.after = neighbour.metric
      metric.distance = distance
      metric.difference = seriesDifference(neighbour.metric, metric, distance)
      return metric.difference
    },
  }
}
