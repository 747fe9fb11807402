import type { Figure } from '../common/self-metrics.ts'

/** The part of the ingest stage's totals that is shown. */
interface Totals {
  readonly samples: number
  readonly rejectedSamplesBy: Readonly<Record<string, number>>
  readonly rejectedSeries: Readonly<Record<string, number>>
  readonly badRequests: number
  readonly badLines: number
  readonly failedAppends: number
  readonly badReferences: number
  readonly refusedPoints: number
  readonly ignored: { readonly exemplars: number; readonly histograms: number }
}

/** The ingest stage's figures for /metrics. */
export function ingestFigures(stats: () => Totals): readonly Figure[] {
  return [
    { name: 'pgherd_ingest_samples_total', help: 'Samples received.', read: () => stats().samples },
    {
      name: 'pgherd_ingest_rejected_samples_total',
      help: 'Samples of series that are not allowed or that there is no room for; the rest of their request was stored.',
      label: 'reason',
      read: () => ({ ...stats().rejectedSamplesBy, bad_symbol_reference: stats().badReferences }),
    },
    {
      name: 'pgherd_ingest_rejected_series_total',
      help: 'Series that were refused, each time they came.',
      label: 'reason',
      read: () => ({ ...stats().rejectedSeries }),
    },
    {
      name: 'pgherd_ingest_bad_requests_total',
      help: 'Requests refused as a whole (damaged, too large, of an unsupported kind), and imports with bad lines.',
      read: () => stats().badRequests,
    },
    {
      name: 'pgherd_ingest_bad_lines_total',
      help: 'Lines of imports that could not be read; the others were stored.',
      read: () => stats().badLines,
    },
    {
      name: 'pgherd_ingest_refused_parts_total',
      help: 'What came beside samples and is not stored.',
      label: 'kind',
      read: () => {
        const { ignored, refusedPoints } = stats()
        return {
          exemplar: ignored.exemplars,
          native_histogram: ignored.histograms,
          otlp_point: refusedPoints,
        }
      },
    },
    {
      name: 'pgherd_ingest_failed_appends_total',
      help: 'Requests that the store could not keep; their senders send them again.',
      read: () => stats().failedAppends,
    },
  ]
}
