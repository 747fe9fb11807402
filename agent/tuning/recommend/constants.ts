import { GiB, MiB } from './sizes.ts'

/**
 * Every number of the baseline, with its source. "Manual" is PostgreSQL's own documentation; "measured" was
 * run on PostgreSQL 14 to 18 on one machine; "judgement" is ours, and what measurements of fleets will change first.
 */
export const constants = {
  /** Manual, shared_buffers: 25 % to begin with, above 40 % is hardly ever better. A laptop keeps its memory for the rest (PGTune, desktop). */
  sharedBuffersShare: 0.25,
  sharedBuffersShareTiny: 0.0625,
  sharedBuffersShareSmall: 0.2,
  sharedBuffersShareMost: 0.4,
  smallMemoryBytes: GiB,
  sharedBuffersLeastBytes: 128 * MiB,
  /** Judgement: a cache larger than the data caches nothing more. */
  sharedBuffersOfDatabase: 1.1,
  /** Manual, effective_cache_size: what the kernel and shared_buffers cache together (PGTune and timescaledb-tune have the same). */
  cacheShare: 0.75,
  cacheShareTiny: 0.25,

  /** Judgement: beyond it pgBouncer is the better answer (PostgreSQL wiki, Number Of Database Connections). */
  connectionsWithoutPooler: 400,
  connectionsLeast: 100,
  connectionsPerProcessor: 4,
  connectionsPerProcessorOlap: 2,
  connectionsLeastOlap: 40,
  connectionsMostOlap: 100,
  connectionsTiny: 50,
  /** Below it nobody can work with a server, and superusers keep 3 of them. */
  connectionsFewest: 10,
  connectionsOfPeak: 1.3,
  connectionsManyPerProcessor: 8,
  connectionsMany: 200,

  /** Measured: 1.5 MB of an idle one without a catalogue to speak of; judgement: 4 MB in use. */
  connectionBytes: 4 * MiB,
  /** Judgement: sessions that run a statement at the same moment, per processor, and at least so many. */
  active: {
    oltp: { perProcessor: 4, plus: 0, least: 16 },
    crit: { perProcessor: 4, plus: 0, least: 16 },
    mixed: { perProcessor: 3, plus: 0, least: 12 },
    olap: { perProcessor: 1, plus: 4, least: 6 },
    tiny: { perProcessor: 1, plus: 0, least: 5 },
  },
  /** Judgement: sorts and hashes of one statement at the same moment. */
  nodes: { oltp: 1.5, crit: 1.5, mixed: 1.5, olap: 3, tiny: 1.5 },
  /** Manual, hash_mem_multiplier: 2 since PostgreSQL 15; before it was 1. */
  hashMemMultiplier: 2,
  /** Judgement: the half of those sorts and hashes that are hashes. */
  hashShare: 0.5,
  /** Manual, work_mem: the default, below which sorts of a few thousand rows go to disk. */
  workMemLeastBytes: 4 * MiB,
  /** Judgement: the half of what is left is for queries, the rest stays the kernel's cache. */
  queryPoolShare: 0.5,
  everyConnectionShare: 0.9,
  workMemSteps: [
    4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 768, 1024, 2048,
  ].map((size) => size * MiB),
  workMemMost: { oltp: 64 * MiB, crit: 64 * MiB, mixed: 128 * MiB, olap: GiB, tiny: 64 * MiB },
  workMemMostOlapLarge: 2 * GiB,
  largeMemoryBytes: 512 * GiB,
  osShare: 0.1,
  osLeastBytes: 256 * MiB,
  osMostBytes: 8 * GiB,
  osShareMost: 0.25,

  /** Manual, maintenance_work_mem and routine vacuuming: until 16 VACUUM uses 1 GB at most, since 17 it seldom needs 256 MB. */
  maintenanceShare: 1 / 16,
  maintenanceLeastBytes: 64 * MiB,
  maintenanceMostBytes: GiB,
  maintenanceMostOlapBytes: 2 * GiB,
  autovacuumShare: 0.05,
  autovacuumLeastBytes: 32 * MiB,
  autovacuumMostBytes: GiB,
  autovacuumMostBytesSince17: 512 * MiB,
  shrinkLeastBytes: 16 * MiB,
  sharedBuffersShrinkLeastBytes: 64 * MiB,

  /** Judgement: what may be promised of a machine's memory. */
  budgetShare: 0.85,
  budgetEveryConnectionShare: 0.95,
  budgetSharedShare: 0.45,

  /** Measured: page tables take 8 bytes per page of 4 kB that a backend has touched. Judgement: from 8 GB on that is what huge pages are for. */
  hugePagesFromBytes: 8 * GiB,
  hugePageBytes: 2 * MiB,

  /** Judgement, until the rate of WAL is known: how much may be written between two checkpoints, and how much of a disk that may take. */
  maxWalBytes: { oltp: 8 * GiB, crit: 4 * GiB, mixed: 8 * GiB, olap: 16 * GiB, tiny: GiB },
  maxWalBytesLarge: { oltp: 16 * GiB, crit: 8 * GiB, mixed: 8 * GiB, olap: 32 * GiB, tiny: GiB },
  manyProcessors: 32,
  walShareOfDisk: 0.1,
  walShareOfOwnDisk: 0.5,
  maxWalLeastBytes: GiB,
  walShareMost: 0.25,
  minWalOfMax: 0.25,
  /** Judgement: recovery from a crash takes about as long as the WAL of one of these takes to replay. */
  checkpointTimeout: { oltp: '15min', crit: '5min', mixed: '15min', olap: '30min', tiny: '5min' },
  /** Manual, max_locks_per_transaction: 64; since 18 a session's fast path has as many. Judgement: what that is worth from 16 processors on. */
  locks: 64,
  locksManyProcessors: 128,
  locksFromProcessors: 16,
  /** Manual, wal_buffers: automatic up to 16 MB, "larger values may help on busy servers with many clients". */
  walBuffersManyProcessorsBytes: 64 * MiB,
  walBuffersAutomaticBytes: 16 * MiB,

  /** Measured: VACUUM of 400 MB writes 28 MB/s with 200, 100 MB/s with 1000 and 157 MB/s with 2000. */
  vacuumCostLimit: { hdd: -1, ssd: 1000, san: 1000, unknown: 1000, nvme: 2000 },
  vacuumScaleFactor: '0.1',
  analyzeScaleFactor: '0.05',

  /** Judgement: not what the disk does, which is 25 to 35 times slower at random, but how much of it a cache answers (Vondra, 2026). */
  randomPageCost: { hdd: '4', ssd: '1.5', nvme: '1.5', san: '2', unknown: '2' },
  randomPageCostCached: '1.1',
  randomPageCostOlap: '2',
  /** Manual, effective_io_concurrency: until 17 only of bitmap heap scans; since 18 of all read streams, where 16 is the default. */
  ioConcurrency: { hdd: 2, ssd: 100, san: 200, unknown: 100, nvme: 200 },
  maintenanceIoConcurrency: { hdd: 10, ssd: 100, san: 100, unknown: 100, nvme: 100 },
  ioConcurrencySince18: { hdd: 16, ssd: 32, san: 64, unknown: 32, nvme: 64 },
  /** Judgement: planning and ANALYZE cost more with each; single columns can have more. */
  statisticsTarget: 100,
  statisticsTargetOlap: 200,
} as const
