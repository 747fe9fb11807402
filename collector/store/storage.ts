import type { LabelSet } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import type { SelectLimits } from '../../common/series/select-limits.ts'

/** What one append did, sample by sample. `stored` counts samples that a query can see from now on. */
export interface AppendResult {
  readonly stored: number
  /** Same series, timestamp and value as one already stored: normal after a retry. */
  readonly duplicate: number
  /** Older than the retention or too far in the future. */
  readonly outOfBounds: number
}

/**
 * Where the samples are: the embedded block store, or a VictoriaMetrics behind the same face. Times are
 * milliseconds since the epoch; ranges include both ends. A selector is a list of matchers that must all hold.
 */
export interface Storage extends AsyncDisposable {
  /**
   * A small integer for a series, the same for equal label sets while `refGeneration` stays the same. Cheap when
   * known, so that ingestion can cache it per sender. Negative for a new series that a limit refuses.
   */
  seriesRef(labels: LabelSet): number

  /**
   * When this has changed, refs that were remembered, refusals too, must be asked for again. It changes between two
   * turns of the event loop, so refs are good until the next await; append() refuses those of an earlier one, and what
   * it was given stays good.
   */
  readonly refGeneration: number

  /**
   * Stores `count` samples; element i of the three arrays is one sample. Values are moved as bits, so stale
   * markers survive. Any order is accepted; a second value at the same series and timestamp replaces the first.
   * The arrays must stay as they are until the promise settles.
   * @param generation what refGeneration was when the first of the refs was asked for
   * When the promise resolves the samples are on disk (written and synced) and visible to select(); an engine behind
   * the collector shows them a moment later.
   * @throws PgherdError DISK_FULL when they could not be kept; then none of them is acknowledged. INTERNAL for refs of
   * an earlier generation: they may stand for other series by now.
   */
  append(
    refs: Uint32Array,
    timestamps: Float64Array,
    values: Float64Array,
    count: number,
    generation: number,
  ): Promise<AppendResult>

  /** Samples of every matching series that has any in the range; series in no particular order. */
  select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    limits?: SelectLimits,
  ): Promise<SeriesSamples[]>

  /** Label sets with samples in the range that match any of the selectors (all series when there is none). */
  series(
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
    limits?: SelectLimits,
  ): Promise<LabelSet[]>

  /** Sorted; of `limits` only the signal counts, and the same for labelValues. */
  labelNames(
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
    limits?: SelectLimits,
  ): Promise<string[]>

  labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    fromMs: number,
    toMs: number,
    limits?: SelectLimits,
  ): Promise<string[]>

  stats(): StorageStats
}

export interface StorageStats {
  /** Series with samples in the head. */
  readonly headSeries: number
  readonly headSamples: number
  readonly blocks: number
  readonly blockSamples: number
  readonly blockBytes: number
  readonly logBytes: number
  /** Since the start of this process. */
  readonly appendedSamples: number
  readonly duplicateSamples: number
  readonly outOfBoundsSamples: number
  /** Records or blocks set aside because their checksum failed. */
  readonly corruptions: number
  readonly minTimeMs: number | undefined
  readonly maxTimeMs: number | undefined
  /** Of a store that keeps its series itself. */
  readonly series?: SeriesStats
}

export interface SeriesStats {
  /** Series that have a reference, in the head or not. */
  readonly known: number
  /** Memory of the samples that are not in a block. */
  readonly headBytes: number
  /** New series that were refused since the start of this process, by the limit that refused them. */
  readonly refused: Readonly<Record<string, number>>
  /** The label that had grown most when a series was last refused, by its different values in the newest series. */
  readonly exploding: { readonly label: string; readonly metric: string; readonly values: number } | undefined
}
