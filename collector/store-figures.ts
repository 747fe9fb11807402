import type { Figure } from '../common/self-metrics.ts'

/** The part of a store's statistics that is shown. */
interface Stats {
  readonly headSeries: number
  readonly headSamples: number
  readonly blocks: number
  readonly blockSamples: number
  readonly blockBytes: number
  readonly logBytes: number
  readonly appendedSamples: number
  readonly duplicateSamples: number
  readonly outOfBoundsSamples: number
  readonly corruptions: number
  readonly series?: {
    readonly known: number
    readonly headBytes: number
    readonly refused: Readonly<Record<string, number>>
    readonly exploding:
      { readonly label: string; readonly metric: string; readonly values: number } | undefined
  }
}

/** The store's figures for /metrics. */
export function storeFigures(stats: () => Stats): readonly Figure[] {
  return [
    { name: 'pgherd_store_series', help: 'Series with samples in the head.', read: () => stats().headSeries },
    {
      name: 'pgherd_store_samples',
      help: 'Samples in the store.',
      label: 'kind',
      read: () => ({ head: stats().headSamples, blocks: stats().blockSamples }),
    },
    {
      name: 'pgherd_store_bytes',
      help: 'Bytes on disk.',
      label: 'kind',
      read: () => ({ log: stats().logBytes, blocks: stats().blockBytes }),
    },
    { name: 'pgherd_store_blocks', help: 'Immutable blocks.', read: () => stats().blocks },
    {
      name: 'pgherd_store_samples_total',
      help: 'Samples stored since the start.',
      read: () => stats().appendedSamples,
    },
    {
      name: 'pgherd_store_duplicate_samples_total',
      help: 'Samples that were there already, as after a retry.',
      read: () => stats().duplicateSamples,
    },
    {
      name: 'pgherd_store_out_of_bounds_samples_total',
      help: 'Samples older than the retention or too far in the future.',
      read: () => stats().outOfBoundsSamples,
    },
    {
      name: 'pgherd_store_corruptions_total',
      help: 'Log records or blocks that failed their checksum and were set aside.',
      read: () => stats().corruptions,
    },
    {
      name: 'pgherd_store_known_series',
      help: 'Series in the index of the head, of which those without samples in it are forgotten from time to time.',
      read: () => stats().series?.known ?? 0,
    },
    {
      name: 'pgherd_store_head_memory_bytes',
      help: 'Memory of the samples that are not in a block yet.',
      read: () => stats().series?.headBytes ?? 0,
    },
    {
      name: 'pgherd_store_refused_series_total',
      help: 'New series that were refused, each time they came, by the limit that refused them.',
      label: 'limit',
      read: () => stats().series?.refused ?? {},
    },
    {
      name: 'pgherd_store_exploding_label_values',
      help: 'When a series was last refused: different values of the label that had grown most, in the newest series.',
      labels: ['label', 'metric'],
      read: () => {
        const exploding = stats().series?.exploding
        if (exploding === undefined) return []
        return [{ labels: { label: exploding.label, metric: exploding.metric }, value: exploding.values }]
      },
    },
  ]
}
