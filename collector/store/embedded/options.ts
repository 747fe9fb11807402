import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { Disk } from './disk.ts'

export interface EmbeddedStoreOptions {
  readonly directory: string
  /** Samples older than this are refused, and blocks that hold nothing younger are removed. */
  readonly retentionMs: number
  /** When blocks and logs take more, the oldest blocks are removed. Without it only time counts. */
  readonly maxBytes?: number
  /** Length of a window, that is of a block; 2 hours unless told. */
  readonly windowMs?: number
  /** How long after its end a window stays open for samples that come late; 15 minutes unless told. */
  readonly slackMs?: number
  /** Samples further in the future are refused; 10 minutes unless told. */
  readonly futureMs?: number
  /** Memory for windows that are over, part of maxHeadBytes; beyond half of it they are sealed early. 256 MiB unless told. */
  readonly maxLateBytes?: number
  /**
   * Memory for the samples of all windows that are not in a block yet. Beyond half of it the largest is sealed early,
   * and appends wait when all of it is used. 1 GiB unless told.
   */
  readonly maxHeadBytes?: number
  /** New series are refused while so many are in open windows; 2 million unless told. */
  readonly maxSeries?: number
  /** New series are refused when so many have come since the full hour; without a limit unless told. */
  readonly maxNewSeriesPerHour?: number
  /** Series that may be known beside twice those in open windows, before they are forgotten; 50,000 unless told. */
  readonly spareSeries?: number
  /** Memory for block indexes and for uncompressed pages; 128 and 32 MiB unless told. */
  readonly indexCacheBytes?: number
  readonly pageCacheBytes?: number
  /** How often maintain() runs by itself; 30 seconds unless told, 0 for never. */
  readonly maintainEveryMs?: number
  /** How long a wall clock that has leapt forwards must be steady before anything is removed by it; 1 hour unless told. */
  readonly clockPatienceMs?: number
  readonly clock: Clock
  readonly log: Log
  /** Where files are kept; Node's file system unless told. */
  readonly disk?: Disk
}

export const defaults = {
  windowMs: 2 * 3_600_000,
  slackMs: 15 * 60_000,
  futureMs: 10 * 60_000,
  maxLateBytes: 256 << 20,
  maxHeadBytes: 1 << 30,
  maxSeries: 2_000_000,
  maxNewSeriesPerHour: Infinity,
  spareSeries: 50_000,
  indexCacheBytes: 128 << 20,
  pageCacheBytes: 32 << 20,
  maintainEveryMs: 30_000,
  clockPatienceMs: 3_600_000,
} as const
