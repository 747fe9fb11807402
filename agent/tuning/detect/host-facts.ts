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
}
