/** What the collector itself has seen of a cluster before, as far as judgements need it. */
export interface ClusterHistory {
  /** Changes of the primary, oldest first. */
  readonly failovers: readonly SeenFailover[]
  /** Who held Patroni's leader key, oldest first; only changes. */
  readonly leaderships: readonly Leadership[]
  /** On which timeline each standby was last seen to stream; its control file tells that late. */
  readonly streamed: ReadonlyMap<string, number>
}

export interface SeenFailover {
  readonly atMs: number
  readonly kind: 'failover' | 'switchover'
  readonly from: string
  readonly to: string
  /** From the last moment at which the old one was seen as primary to the first of the new one. */
  readonly durationMs: number
  /** Bytes of log that the new one cannot have; null where nothing bounds them. */
  readonly lostBytes: number | null
}

export interface Leadership {
  readonly server: string
  readonly timeline: number | null
  readonly fromMs: number
}

export const noHistory: ClusterHistory = { failovers: [], leaderships: [], streamed: new Map() }
