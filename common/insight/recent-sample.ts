/** What one look at the sessions of a server saw, as its host keeps it for an hour. */
export interface RecentSample {
  /** Milliseconds since the epoch on the server's clock. */
  readonly atMs: number
  /** For how long it stands. */
  readonly seconds: number
  /** How many sessions worked; of very many only some are told. */
  readonly total: number
  readonly sessions: readonly RecentSession[]
}

export interface RecentSession {
  readonly pid: number
  readonly database: string
  readonly role: string
  readonly application: string
  /** `CPU` for what waits for nothing that the server knows of. */
  readonly waitType: string
  readonly waitEvent: string
  /** queryid of pg_stat_statements; '' where there is none. */
  readonly query: string
  /** Since its statement began; null where that is not known. */
  readonly ageSeconds: number | null
  /** Whose lock it waits for; '' where it waits for none. */
  readonly relation: string
}
