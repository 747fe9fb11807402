/**
 * Every number of the rules of reads and writes, with its source. "Manual" is PostgreSQL's documentation; "measured" was run on PostgreSQL 14
 * to 18 on one machine; "judgement" is ours, and what measurements of fleets will change first.
 */
export const constants = {
  /** Judgement: the share of the looks in which all io workers were busy. */
  saturatedShare: 0.9,
  /**
   * Judgement: the same of workers that only copy what is in memory, which sleep for a moment whenever they have caught up; and how many
   * sessions wait for that in the mean.
   */
  hotShare: 0.5,
  hotWaiting: 1,
  /** Manual, io_workers (18): 3, at most 32. Judgement: half as many again. */
  workersStep: 1.5,
  workersMost: 32,
  /** Judgement: processors that are busier have no time for more of them. */
  busyProcessors: 0.8,
  /** Judgement: a disk that is hardly asked for anything, and what of reads the kernel's page cache answers, milliseconds. */
  idleDisk: 0.1,
  pageCacheMs: 0.1,

  /** Judgement: reads that take longer are worth being begun sooner, milliseconds; and a disk with fewer requests at once has room for more. */
  slowReadMs: 1,
  shallowQueue: 4,
  /** Judgement: enough scans of large tables. */
  bulkReads: 10_000,
  readAheadStep: 2,

  /** Judgement: until 17 only bitmap heap scans read ahead; from here on it pays. */
  bitmapReadMs: 0.5,
  bitmapRows: 10_000,

  /** pg_test_timing in the manual: clocks that take a system call or a device's answer each time. */
  slowClocks: ['hpet', 'acpi_pm', 'xen', 'jiffies', 'pit'],
} as const
