/**
 * Every number of the rules of plans, with its source. "Manual" is PostgreSQL's documentation; "measured" was run on PostgreSQL 14 to 18 on one
 * machine; "judgement" is ours, and what measurements of fleets will change first.
 */
export const constants = {
  /** Judgement: what a ratio has to be made of. */
  pages: 100_000,
  statements: 100,

  /** Judgement: the share of pages that shared_buffers has, from where on all of the data may as well be in memory. */
  hitShare: 0.99,
  /** Judgement: two steps, because plans change with each; 1.1 is for data of which a random page costs hardly more than the next. */
  randomPageCosts: [2, 1.1],

  /** Judgement: of the time of all statements. */
  jitShare: 0.05,
  jitAboveCostFactor: 5,
  planShare: 0.2,
  /** Manual, default_statistics_target: 100. Judgement: what is much. */
  manyStatistics: 200,
  statistics: 100,

  /** Measured: with max_parallel_workers = 1 four queries asked for 16 and got 1. Judgement: of those that were asked for, how many have to be there. */
  launchedShare: 0.9,
  /** Judgement: until 17, the share of the looks in which all that may run did. */
  saturatedShare: 0.1,
  askedPerHour: 100,
  asked: 100,
  /** Judgement: processors that are busier have no time for more of them. */
  busyProcessors: 0.7,
  workersStep: 1.25,

  /** Judgement: so many processes begun per second, for statements so short, milliseconds, take longer to begin than they save. */
  launchesPerSecond: 10,
  shortMs: 50,
  /** Manual: 8MB and 1000. Judgement: four times and twice as much. */
  scanBytes: 32 * 1024 ** 2,
  setupCost: 2_000,

  /** Judgement: how often the largest burst of temporary files has to fit into the room that is left, and how much of it one session may take. */
  burstsThatFit: 2,
  temporaryShare: 0.2,
} as const
