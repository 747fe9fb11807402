const MiB = 1024 ** 2
const GiB = 1024 ** 3

/** The numbers of the advice about a kernel. "Manual" is "Managing Kernel Resources" of PostgreSQL's, "kernel" is admin-guide/sysctl; the others are judgement. */
export const constants = {
  /** Judgement: the highest that still prefers to drop files from the cache. */
  swappiness: 10,
  /** Judgement: from here on a share of memory is too much to be written at once, so that bytes are set. */
  dirtyBytesFromBytes: 16 * GiB,
  dirtyBackgroundBytes: {
    hdd: 64 * MiB,
    san: 128 * MiB,
    unknown: 128 * MiB,
    ssd: 256 * MiB,
    nvme: 256 * MiB,
  },
  dirtyTimesBackground: 4,
  dirtyMostBytes: GiB,
  dirtyBackgroundRatio: 3,
  dirtyRatio: 10,
  /** What is set may be so many times as much until it is worth a change. */
  dirtyTolerance: 2,
  /** Manual, 19.4.4: strict overcommit keeps the kernel from killing the server. Judgement: 80 % of what is no huge page. */
  overcommitRatio: 80,
  overcommitShare: 0.7,
  /** Memory of others below which a host is the server's own. */
  dedicatedShare: 0.15,
  oomScoreAdjust: -900,
  filesPerConnection: 100,
  filesLeast: 65_536,
  backlog: 1024,
  backlogOfPooler: 4096,
  /** A connection that is dead is found out after about two minutes, and not after two hours. */
  keepalive: { time: 60, intvl: 10, probes: 6 },
  keepaliveTolerance: 300,
  /** Measured: page tables take 8 bytes per page of 4 kB that a session has touched, which is a 512th of shared_buffers. */
  pageTableShare: 0.02,
  hugePagesFromBytes: 8 * GiB,
  hugePagesLeastBytes: 2 * GiB,
  hugePagesShareMost: 0.7,
  readAheadOlapBytes: 4 * MiB,
  readAheadHddBytes: 2 * MiB,
} as const
