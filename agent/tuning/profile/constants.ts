/** What decides between profiles: judgement all of it, of what tells short transactions from large queries. */
export const profileConstants = {
  /** A day has all that comes back daily: the morning, the reports of the night. */
  leastHours: 24,
  /** Less than either of both, and a server is nearly idle. */
  leastTransactions: 10_000,
  leastExecutionSeconds: 300,
  /** Of the time of all statements: in those that take more than a second in the mean. */
  slowShareOlap: 0.6,
  slowShareOltp: 0.1,
  /** A warehouse does not have more transactions than this. */
  mostTransactionsPerSecondOlap: 50,
  /** Of all rows that are touched: above it a server is one that writes. */
  writtenShare: 0.2,
  /** Where nobody measures statements: how much of what is read comes from scans of whole tables. */
  scannedShareOlap: 0.6,
  scannedShareOltp: 0.1,
} as const
