export const diskClasses = ['hdd', 'ssd', 'nvme', 'san', 'unknown'] as const
/** What the data lies on. `ssd`: local SATA or SAS; `san`: a network's, as clouds have them; `unknown` is treated as one of a network. */
export type DiskClass = (typeof diskClasses)[number]

/** What PostgreSQL has to run on. */
export interface Machine {
  /** What the server may use: the least of the machine's memory and its cgroup's limit. */
  readonly memoryBytes: number
  /** Likewise, by the cgroup's quota and set of processors. */
  readonly processors: number
  readonly diskClass: DiskClass
  /** The size of the file system with the data; null where it is not known. */
  readonly dataDiskBytes: number | null
  /** The size of the one with pg_wal, where it has its own; null where it shares that of the data. */
  readonly walDiskBytes: number | null
  /** Such as `ext4`, `xfs`, `zfs`, `btrfs`, `nfs` or `tmpfs`; null where it is not known. */
  readonly fileSystem: string | null
  /** Memory that the kernel has set aside as huge pages and nobody uses yet; null where it is not known. */
  readonly freeHugePageBytes: number | null
}

export const profiles = ['oltp', 'olap', 'crit', 'tiny', 'mixed'] as const
/**
 * What the server is for. `oltp`: many short transactions; `olap`: few large queries; `crit`: as oltp, where a quick recovery and an even
 * latency come first; `tiny`: beside other things, as on a laptop; `mixed`: both, or nobody knows.
 */
export type Profile = (typeof profiles)[number]
