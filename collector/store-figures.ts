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
  ]
}
