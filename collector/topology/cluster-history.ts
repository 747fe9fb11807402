import type { PrimaryChange } from '../../common/wire/events.ts'

/** What the collector itself has seen of a cluster before, as far as judgements need it. */
export interface ClusterHistory {
  /** The last of them, as many as `countedFailovers`, oldest first; also those before the collector's start. */
  readonly failovers: readonly SeenFailover[]
  /** Who held Patroni's leader key, oldest first; only changes. */
  readonly leaderships: readonly Leadership[]
  /** On which timeline each standby was last seen to stream; its control file tells that late. */
  readonly streamed: ReadonlyMap<string, number>
}

/** So many of the last failovers say what the next one may take. */
export const countedFailovers = 10

export type SeenFailover = Readonly<PrimaryChange>

export interface SeenChange {
  readonly kind: 'failover' | 'switchover'
  readonly change: PrimaryChange
  /** Half a sentence: what was lost, as far as it is known then. */
  readonly loss: string
}

export interface Leadership {
  readonly server: string
  readonly timeline: number | null
  readonly fromMs: number
}

export const noHistory: ClusterHistory = { failovers: [], leaderships: [], streamed: new Map() }
