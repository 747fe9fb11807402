/** What the kernel of a server's host says at one moment. Null is what is not known. */
export interface HostFacts {
  readonly memoryTotalBytes: number | null
  readonly memoryAvailableBytes: number | null
  readonly swapTotalBytes: number | null
  readonly swapUsedBytes: number | null
  readonly pageTableBytes: number | null
  readonly committedBytes: number | null
  readonly commitLimitBytes: number | null
  readonly hugePages: { readonly total: number; readonly free: number; readonly pageBytes: number } | null
  /** Such as `madvise`. */
  readonly transparentHugePages: string | null
  /** Likewise, of how they are made room for: `always` stops whoever asks. */
  readonly transparentHugePageDefrag: string | null
  /** Such as `tsc`. */
  readonly clockSource: string | null
  /** Of processor 0, such as `performance`; null where the machine does not decide about it. */
  readonly frequencyGovernor: string | null
  /** How many files a process of the server may have open. */
  readonly openFileLimit: number | null
  /** What the kernel adds to the postmaster when it looks for one to kill, -1000 (never) to 1000. */
  readonly oomScoreAdjust: number | null
  /** /proc/sys by its usual names, such as `vm.swappiness`. */
  readonly sysctls: ReadonlyMap<string, string>
  /** Of pressure stall information: `some avg60` of memory, percent. */
  readonly memoryPressurePercent: number | null
  /** Of the postmaster's cgroup since it began: how often memory.high or memory.max held it. */
  readonly memoryLimitEvents: number | null
  /** NUMA nodes with memory. */
  readonly numaNodes: number | null
  /** Whether PostgreSQL runs in a container, whose kernel settings belong to somebody else. */
  readonly isContainer: boolean
  /** Memory of processes that are not this server's, bytes. */
  readonly otherProcessesBytes: number | null
  readonly freeDataDiskBytes: number | null
  readonly freeWalDiskBytes: number | null
  /** The whole disks below data directory, pg_wal and tablespaces, as far as they can be seen. */
  readonly disks: readonly DiskFacts[]
}

export interface DiskFacts {
  /** Such as `nvme0n1`. */
  readonly name: string
  readonly model: string | null
  /** The one that is chosen, such as `none` or `mq-deadline`. */
  readonly scheduler: string | null
  readonly readAheadBytes: number | null
}
