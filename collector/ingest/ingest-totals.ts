import { toPgherdError } from '../../common/errors.ts'
import { seriesRejections } from '../../common/series/label-rules.ts'
import type { SeriesRejection } from '../../common/series/label-rules.ts'
import type { IgnoredParts } from '../../common/wire/remote-write-decode.ts'
import type { IntakeResult } from './intake.ts'
import type { Refusals } from './refusals.ts'

/** Totals since the start, over all formats. */
export interface IngestTotals {
  requests: number
  /** Requests refused as a whole: damaged, too large, or of an unsupported kind. */
  badRequests: number
  /** Appends that could not be stored; their sender sends them again. */
  failedAppends: number
  bodyBytes: number
  samples: number
  rejectedSamples: number
  readonly rejectedSeries: Record<SeriesRejection, number>
  readonly rejectedSamplesBy: Record<SeriesRejection, number>
  /** Samples of remote write 2.0 whose series refers to no symbols. */
  badReferences: number
  /** Points of OTLP that cannot be stored. */
  refusedPoints: number
  /** Lines of imports that could not be read. */
  badLines: number
  readonly ignored: IgnoredParts
}

export function createIngestTotals(): IngestTotals {
  return {
    requests: 0,
    badRequests: 0,
    failedAppends: 0,
    bodyBytes: 0,
    samples: 0,
    rejectedSamples: 0,
    rejectedSeries: noRefusals(),
    rejectedSamplesBy: noRefusals(),
    badReferences: 0,
    refusedPoints: 0,
    badLines: 0,
    ignored: { exemplars: 0, histograms: 0, metadata: 0 },
  }
}

export function addRefusals(totals: IngestTotals, series: Refusals, samples: Refusals): void {
  for (const reason of seriesRejections) {
    totals.rejectedSeries[reason] += series[reason] ?? 0
    totals.rejectedSamplesBy[reason] += samples[reason] ?? 0
    totals.rejectedSamples += samples[reason] ?? 0
  }
}

/** What became of the rows of an import. */
export function addResult(totals: IngestTotals, result: IntakeResult): void {
  totals.samples += result.stored + result.duplicate + result.outOfBounds
  addRefusals(totals, result.rejectedSeries, result.rejectedSamples)
}

/** A request that failed: by its own fault, or because the store could not keep it. */
export function countFailure(totals: IngestTotals, error: unknown): void {
  if (toPgherdError(error).status < 500) totals.badRequests++
  else totals.failedAppends++
}

export function addIgnored(totals: IngestTotals, ignored: Readonly<IgnoredParts>): void {
  totals.ignored.exemplars += ignored.exemplars
  totals.ignored.histograms += ignored.histograms
  totals.ignored.metadata += ignored.metadata
}

function noRefusals(): Record<SeriesRejection, number> {
  return Object.fromEntries(seriesRejections.map((reason) => [reason, 0])) as Record<SeriesRejection, number>
}
