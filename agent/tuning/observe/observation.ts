/** What was seen of a server at one moment. */
export interface Observation {
  readonly atMs: number
  /** When its postmaster started: with another one all counters began anew. */
  readonly serverStartMs: number
  readonly inRecovery: boolean
  /** By their names, such as `wal.buffers_full`; what is not known is not there. */
  readonly counters: ReadonlyMap<string, number>
  readonly gauges: ReadonlyMap<string, number>
}

/** What a gauge was in the samples of a bucket. */
export interface GaugeSpan {
  readonly count: number
  readonly sum: number
  readonly max: number
  readonly last: number
}

/** Some minutes of a server. */
export interface Bucket {
  readonly fromMs: number
  readonly toMs: number
  readonly serverStartMs: number
  readonly inRecovery: boolean
  /** As they were at its end. */
  readonly counters: ReadonlyMap<string, number>
  readonly gauges: ReadonlyMap<string, GaugeSpan>
}
