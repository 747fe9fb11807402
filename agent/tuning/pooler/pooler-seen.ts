import type { ConsoleRow } from '../../postgres/pooler-console.ts'

/** What a pgBouncer's console said, some seconds long; rows of the databases of its own console are not among them. */
export interface PoolerSeen {
  /** SHOW CONFIG. */
  readonly config: readonly ConsoleRow[]
  /** SHOW DATABASES. */
  readonly databases: readonly ConsoleRow[]
  /** The oldest first. */
  readonly looks: readonly PoolerLook[]
  /** Null where its process is not on this host. */
  readonly process: PoolerProcess | null
}

export interface PoolerLook {
  readonly atMs: number
  /** SHOW POOLS. */
  readonly pools: readonly ConsoleRow[]
  /** SHOW STATS. */
  readonly stats: readonly ConsoleRow[]
}

export interface PoolerProcess {
  /** Of one processor, 0 to 1. */
  readonly busyShare: number | null
  /** How many files it may have open. */
  readonly openFileLimit: number | null
}

/** The server that the pools lead to, as it would be with what is proposed for it. */
export interface PooledServer {
  readonly profile: string
  readonly processors: number
  readonly maxConnections: number
  /** superuser_reserved_connections and reserved_connections. */
  readonly reserved: number
  /** The 99th percentile of client sessions, those of pools among them; null where there is no history. */
  readonly clientBackends: number | null
  /** Likewise, of those that run a statement. */
  readonly activeSessions: number | null
  /** Of its processors at the peak, 0 to 1. */
  readonly busyProcessors: number | null
  /** Of the sessions at work, that wait for what all share in the server's memory, 0 to 1. */
  readonly lockWaits: number | null
  /** idle_in_transaction_session_timeout; 0 where there is none. */
  readonly idleTransactionMs: number
}
