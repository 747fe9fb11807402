import { GiB, MiB } from '../../recommend/sizes.ts'

/**
 * Every number of the rules of WAL, checkpoints and the writers of pages, with its source. "Manual" is PostgreSQL's documentation; "measured"
 * was run on PostgreSQL 14 to 18 on one machine; "judgement" is ours, and what measurements of fleets will change first.
 */
export const constants = {
  /** Judgement: what a ratio has to be made of. */
  events: 100,
  checkpoints: 10,

  /** Judgement: the share of checkpoints that somebody asked for before they were due. */
  requestedShare: 0.2,
  /** Judgement: of max_wal_size, from where on WAL and not a CHECKPOINT, a base backup or a CREATE DATABASE is what asks for them. */
  walOfLimit: 0.9,
  /** Judgement: more than the busiest minutes need, so that they do not reach the limit again. */
  walReserve: 1.2,
  /** Judgement: the largest step at a time. */
  walStep: 4,
  walBuffersStep: 2,
  /** Judgement, as in the baseline: how much of a disk WAL may take, and of what is free on it. */
  walShareOfDisk: 0.1,
  walShareOfOwnDisk: 0.5,
  walShareOfFree: 0.4,
  minWalOfMax: 0.25,
  /** Judgement: a crash may take so long to recover from, seconds. */
  recoverySeconds: { oltp: 600, crit: 180, mixed: 600, olap: 1200, tiny: 120 },
  /** Judgement: replay of WAL where nobody has measured it. */
  replayBytesPerSecond: 50 * MiB,

  /** Judgement: the share of whole pages in WAL. */
  fullPageShare: 0.5,
  fullPageShareToCompress: 0.3,
  /** Judgement: how much a compressed page is of a whole one. */
  compressedPage: 0.5,
  /** Two checkpoints that were due have a whole time between them. */
  dueCheckpoints: 2,
  /** Judgement: the steps of checkpoint_timeout, seconds. */
  timeoutSteps: [900, 1800],

  /** Judgement: flushing at the end of a checkpoint, milliseconds; and as a share of its writing, from where on it can be noticed. */
  checkpointSyncMs: 5_000,
  checkpointSyncShare: 0.2,
  checkpointSyncNoticedMs: 1_000,
  /** Manual, checkpoint_flush_after: 256kB, at most 2MB. */
  flushAfterBytes: 256 * 1024,
  flushAfterMostBytes: MiB,

  /** Judgement: how often a session had to write WAL because there was no room; and per record. Measured: 64kB have 0.4 % of the records wait, for 10 % less throughput. */
  fullPerSecond: 1,
  fullOfRecords: 0.001,
  /** Manual, wal_buffers: automatic is a 32nd of shared_buffers, at most a segment. */
  walBuffersAutomaticShare: 1 / 32,
  walBuffersAutomaticMostBytes: 16 * MiB,
  /** Judgement. */
  walBuffersMostBytes: 128 * MiB,

  /** Judgement: one flush of WAL, milliseconds. */
  flushMs: { hdd: 15, ssd: 5, nvme: 5, san: 5, unknown: 5 },
  /** Judgement: of the sessions that are active, how many wait for WAL to be written. */
  walWaitShare: 0.2,
  /** Judgement: with fewer at once the share is made of a few looks. */
  activeSessions: 0.5,
  /** Manual, wal_writer_delay: what synchronous_commit = off may lose is up to three times that. */
  walWriterDelays: 3,

  /** Judgement: where commits that wait for each other win more than they lose. Below commitFlushMs it is not the disk that they wait for. */
  commitsPerSecond: 500,
  commitWriters: 5,
  commitFlushMs: 1,
  /** Manual, commit_delay: half of the time of a flush is a good start. */
  commitDelayOfFlush: 0.5,
  commitDelayMostMicroseconds: 2_000,

  /** Judgement: processors that are this busy at the peak have no time for compression. */
  busyProcessors: 0.6,
  /** Judgement: half of what such a disk writes beside its other work, bytes of WAL per second. */
  muchWalBytesPerSecond: { hdd: 40 * MiB, ssd: 100 * MiB, nvme: 300 * MiB, san: 50 * MiB, unknown: 50 * MiB },

  /** Judgement: segments that wait for the archiver. */
  archiveBacklog: 10,

  /** Judgement: the background writer stopped early so often, and sessions wrote so much themselves. */
  stopsPerMinute: 1,
  clientWriteShare: 0.3,
  /** Judgement: the steps of bgwriter_lru_maxpages, then of bgwriter_delay (milliseconds), which are bounded by what writes again and again. */
  maxPagesSteps: [100, 400, 1000],
  cleanMultiplier: 4,
  delaySteps: [100, 50],

  /** Judgement: syncs by sessions that are no accident. */
  clientSyncs: 10,
  clientSyncsPerHour: 1,

  roundTo: GiB,
} as const
