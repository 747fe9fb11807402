/**
 * How a guard looks, and from where on a figure may count as worse. The bound (20 % unless asked for) is the share; these are the floors
 * below which a share means nothing. Where no other source is named it is tuning.md 5.4 (6), whose gate they make countable.
 */
export const guardLimits = {
  /** Between two looks: pg_stat_database is written at most once a second per session (pgstat.c), and a look takes some milliseconds. */
  lookMs: 10_000,
  /** What is looked at before a change unless told: two looks. */
  baselineSeconds: 20,
  /** Statements whose latency counts, by their time in the baseline. */
  statements: 50,
  /** Statements of the first look, by their time so far: pg_stat_statements.max is 5000 unless set. */
  firstStatements: 1_000,
  /** Looks that one judgement is over: with fewer a single slow checkpoint would decide. */
  recentLooks: 3,
  /** So many looks in a row, each by itself and with those before it, have to be worse before the window is over ... */
  worseInARow: 2,
  /** ... by so many times the bound: some seconds say less than a window. */
  earlyBounds: 2,
  /** Without so many looks nothing is decided, also at the end of the window. */
  fewestLooks: 3,
  /** After a restart the caches are empty: what is seen for so long, or a third of the window, counts for nothing. */
  warmUpMs: 300_000,
  /** A statement counts with so many calls before and since, and so many calls have to be there together. */
  callsOfEach: 3,
  callsOfAll: 10,
  /** More execution time per second than with the latency of before, ms: 1 % of one processor. 0.1 ms more of ten calls is nothing. */
  extraMsPerSecond: 10,
  /** Transactions per second before, below which their number is chance. */
  transactionsPerSecond: 10,
  /** As much work has to be wanted as before: active sessions since, of those before, and at least so many. */
  comparableShare: 0.9,
  comparableSessions: 1,
  /** Share of transactions that are rolled back, and how many per second. */
  rollbackShare: 0.01,
  rollbacksPerSecond: 1,
  /** Deadlocks, and sessions that ended by an error or were killed (since 14), per second and in number. */
  errorsPerSecond: 0.1,
  errors: 5,
  lagBytes: 64 * 1024 ** 2,
  lagSeconds: 10,
  /** Requested checkpoints per hour, and in number: one may be somebody's own CHECKPOINT. */
  checkpointsPerHour: 12,
  checkpoints: 3,
  tempBytesPerSecond: 8 * 1024 ** 2,
  /** Sessions that run a statement at once. They rise with the load as well, so that only twice as many count. */
  activeSessions: 8,
  activeFactor: 2,
  /** Share of the time in which some task waited for memory (PSI, Documentation/accounting/psi.rst of the kernel). */
  memoryWaitShare: 0.1,
  swapOutBytesPerSecond: 8 * 1024 ** 2,
} as const

export type GuardLimits = typeof guardLimits
