import { GiB, MiB } from '../../recommend/sizes.ts'

/**
 * Every number of the rules of memory, with its source. "Manual" is PostgreSQL's documentation; "measured" was run on PostgreSQL 14 to 18
 * on one machine; "judgement" is ours, and what measurements of fleets will change first.
 */
export const constants = {
  /** Judgement: what a ratio has to be made of. */
  events: 100,
  /** Judgement: the largest step at a time. */
  step: 2,

  /** Judgement: temporary files that are worth a change, and the share of the time of all statements that they take. */
  tempBytesPerHour: GiB,
  tempTimeShare: 0.05,
  tempFiles: 100,
  /** Judgement: whose statements they are, when so few make so much of them. */
  fewStatements: 5,
  fewShare: 0.8,
  /** Judgement: the kind of work that most of them come from. */
  mostShare: 0.5,
  /** Judgement: above the mean size of a file, because half of them are larger. */
  ofMeanFile: 1.5,
  /** Measured: a sort that writes 314 MB takes about 450 MB in memory. */
  ofFileInMemory: 1.4,
  /** PostgreSQL cuts temporary files at 1 GB (BufFile); what is larger is no business of work_mem. */
  largestFileBytes: GiB,
  /** Judgement: beyond it work_mem is what hashes want. */
  hashMemMultiplierMost: 3,

  /** Judgement: the share of pages that are found in shared_buffers, below which it may be too small. */
  hitRatio: { oltp: 0.99, crit: 0.99, mixed: 0.99, tiny: 0.99, olap: 0.9 },
  /** Judgement: a read that the kernel's cache answers is faster than this, milliseconds. */
  costlyReadMs: 0.5,
  /** Judgement: pages that are used again and again (a usage count of 4 or 5), and how often all of them may be exchanged in an hour. */
  hotShare: 0.6,
  turnoversPerHour: 1,
  sharedBuffersStep: 1.25,

  /** Judgement: what is a shortage of memory. */
  availableShare: 0.05,
  pressurePercent: 10,
  /** Of a cgroup at its limit, which the cache of files alone reaches too, and harms nobody by it. */
  pressureAtLimitPercent: 1,
  committedShare: 0.9,
  autovacuumLeastBytes: 32 * MiB,
  sharedBuffersShare: 0.25,

  /** Judgement: page tables that are worth huge pages. */
  pageTableShare: 0.02,
  pageTableBytes: GiB,

  /** Judgement: what temporary tables may write to disk, and what temp_buffers may take for it. */
  localBytesPerHour: 100 * MiB,
  tempBuffersMostBytes: 32 * MiB,
  /** Judgement: a role that has so much of it. */
  roleShare: 0.2,

  /** Judgement: what a small cache of transactions may miss. */
  slruMissShare: 0.05,
  slruReadsPerSecond: 100,
  /** Judgement: a few MB at most, so that one larger step (and one restart) is better than two. */
  slruStep: 4,
  slruLeastBytes: MiB,

  /** Judgement: how often room is made in an hour; 5 % of the statements are thrown away each time (pg_stat_statements, USAGE_DEALLOC_PERCENT). */
  deallocPerHour: 1,
  statementsMost: 20_000,
  /** Measured: 10000 of them take 4 MB. */
  statementBytes: 420,

  /** Judgement: what decoding may write to disk. */
  decodingBytesPerHour: GiB,
  decodingMostBytes: GiB,
} as const
