import { GiB, MiB } from '../../recommend/sizes.ts'

/**
 * Every number of the rules of vacuum, with its source. "Manual" is PostgreSQL's documentation; "measured" was run on PostgreSQL 14 to 18 on
 * one machine; "judgement" is ours, and what measurements of fleets will change first.
 */
export const constants = {
  /** Judgement: how old a snapshot may be before it holds back vacuum, whatever tables say: transactions, or seconds with some transactions. */
  horizonAge: 50_000_000,
  horizonSeconds: 3_600,
  horizonAgeWithSeconds: 1_000,
  /** Judgement: of the dead rows that a table may have, how many a snapshot may keep. */
  horizonShare: 0.1,

  /** Judgement: the share of the looks in which all processes of autovacuum were busy, and in which they slept. */
  saturatedShare: 0.5,
  throttledShare: 0.5,
  /**
   * Measured: VACUUM of 400 MB writes 28 MB/s with 200, 100 MB/s with 1000 and 157 MB/s with 2000. Manual, vacuum_cost_limit: 10000 at
   * most. All processes share it.
   */
  costLimits: [1_000, 2_000, 4_000, 8_000, 10_000],
  /** Manual, vacuum_cost_page_dirty and vacuum_cost_delay: what a page costs that has to be written; a page is 8kB. */
  dirtyPageCost: 20,
  /** Judgement: how busy a disk may be that is to get more to do. */
  busyDisk: 0.6,

  /** Judgement: more processes at a time, never more than a part of the processors, and only where as many tables wait for each. */
  moreWorkers: 2,
  workersPerProcessor: 0.25,
  dueTablesPerWorker: 2,

  /** Judgement: where a part of a table is many rows. */
  largeRows: 10_000_000,
  veryLargeRows: 100_000_000,
  deadShare: 0.1,
  largeScaleFactor: 0.05,
  veryLargeScaleFactor: 0.02,
  scaleFactors: [0.1, 0.05],
  /** Judgement: more tables than this are not changed one by one. */
  tablesOneByOne: 5,
  /** Manual, autovacuum_vacuum_max_threshold (18): 100 million. Judgement: a tenth of it. */
  maxThreshold: 10_000_000,
  /** Judgement: the share of all reads and writes that autovacuum may have. */
  autovacuumIoShare: 0.25,
  /** Judgement: what that share has to be made of. */
  ioBytes: GiB,

  /** Tables of which the indexes were read more than once in one run. */
  tablesWithSeveralPasses: 2,
  /** Manual, routine vacuuming: until 16 VACUUM uses 1 GB at most. Judgement: since 17, which keeps what is dead in a radix tree, half of it is much. */
  memoryMostBytes: GiB,
  memoryMostBytesSince17: 512 * MiB,

  /** Judgement: beyond this part of autovacuum_freeze_max_age the runs against wraparound do not keep up. */
  emergencyShare: 1.2,
  /** Manual, routine vacuuming: the server takes no writes 3 million before half of 2^32. Judgement: how long before it is an emergency, seconds. */
  endOfXids: 2_000_000_000,
  emergencySeconds: 7 * 86_400,
  /** Judgement, and manual, vacuum_failsafe_age: 1.6 billion, from where on VACUUM leaves indexes and sleeps alone. */
  alarmingAge: 1_000_000_000,
  failsafeAge: 1_600_000_000,

  /** Judgement: runs against wraparound that come more often, seconds, are worth a higher age. */
  freezeSeconds: 3 * 86_400,
  /** Judgement: the steps of autovacuum_freeze_max_age, the last of which leaves more than half of all ids. */
  freezeAges: [400_000_000, 600_000_000, 800_000_000],
  multixactFreezeAges: [600_000_000, 800_000_000],
  /** PostgreSQL's multixact.c (MULTIXACT_MEMBER_SAFE_THRESHOLD): from half of 2^32 members on they are frozen earlier. Judgement: half of that. */
  multixactMembers: 1_000_000_000,

  /** Judgement: a table of which hardly a row is changed, and what part of it may be new. */
  changedShare: 0.01,
  newShare: 0.1,
  insertScaleFactor: 0.05,

  /** Judgement: from how many rows on, of tables that are read most, statistics of a time before a part of the rows was modified are old. */
  analyzedRows: 10_000,
  modifiedShare: 0.2,
  tablesReadMost: 20,
  analyzeScaleFactors: [0.05, 0.02],

  /** Judgement: a queue has more dead rows than others by so much. */
  queueDeadPerLive: 10,
  queueDeadRows: 10_000,
  /** Judgement: the steps of autovacuum_naptime, seconds. */
  naptimes: [30, 15],
  /** PostgreSQL's autovacuum.c (MIN_AUTOVAC_SLEEPTIME): between two databases, seconds. */
  betweenDatabases: 0.1,
} as const
