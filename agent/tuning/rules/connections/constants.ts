/**
 * Every number of the rules of connections and locks, with its source. "Manual" is PostgreSQL's documentation; "measured" was run on
 * PostgreSQL 14 to 18 on one machine; "judgement" is ours, and what measurements of fleets will change first.
 */
export const constants = {
  /** Judgement: what a ratio has to be made of. */
  events: 100,
  /** Judgement: with fewer sessions at work the shares of what they wait for say little. */
  activeSessions: 1,

  /** Judgement: how many of the places may be taken at the busiest times. */
  usedShare: 0.8,
  /** Judgement: sessions that run something are few, and most of the others do nothing. */
  activePerProcessor: 2,
  idleShare: 0.6,
  /** Judgement: of sessions that have done nothing for an hour, which somebody has forgotten. */
  forgottenShare: 0.5,
  connectionsStep: 1.25,

  /** Judgement: places that nobody has needed for so long. */
  unusedShare: 0.3,
  unusedHours: 30 * 24,
  manyConnections: 200,
  unusedReserve: 1.5,

  /** Judgement: a new process for each costs more than a pooler; and sessions that end as soon as they have begun. */
  sessionsPerSecond: 20,
  shortSessionMs: 60_000,
  fewSessionsPerSecond: 1,

  /** Judgement: transactions that stay open while nobody does anything in them. */
  idleTransactionShare: 0.1,
  idleTransactionSeconds: 300,
  idleTransactionTimeout: { oltp: '5min', crit: '5min', mixed: '10min', tiny: '10min', olap: '10min' },

  deadlocksPerHour: 1,

  /** Judgement: of the places for locks, from where on a busier hour could need more than there are. */
  lockShare: 0.5,
  locksStep: 2,
  /** Manual, lock manager (README): the table has twice as many places for who holds as for what is held. */
  holdersPerLock: 2,

  /** Judgement: sessions that wait for the table of locks itself. */
  lockManagerShare: 0.05,
  /** Manual, max_locks_per_transaction: since 18 also the places of a session's own. */
  fastPathLocks: 128,
  fastPathUntil17: 16,
  fastPathReserve: 1.5,

  /** Manual, superuser_reserved_connections: 3, which a few administrators and a backup take. */
  reservedDefault: 3,
  reservedLeast: 5,
  reservedMost: 6,
  reservedPer: 100,

  /** Judgement: of the sessions at work, that wait for one and the same. */
  waitShare: 0.1,

  /** Judgement: a transaction that is so old, seconds. */
  oldTransactionSeconds: 3600,
} as const
