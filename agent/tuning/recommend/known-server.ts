/** A setting as pg_settings has it; values and bounds are in its unit. */
export interface KnownSetting {
  readonly value: string
  readonly vartype: string
  /** Such as `8kB`, `ms`; null where it has none. */
  readonly unit: string | null
  /** `postmaster`: only a restart takes another value. */
  readonly context: string
  readonly min: string | null
  readonly max: string | null
  /** What an enum of this build can be; null for other types. */
  readonly enumValues: readonly string[] | null
  /** Of a server that runs: whether somebody has set it; else it has its default. */
  readonly isSet?: boolean
}

/** A server as far as it matters to its baseline. What nobody knows of it is null. */
export interface KnownServer {
  /** Such as 17. */
  readonly major: number
  /** False for one that is only planned, whose settings are those of a new cluster. */
  readonly isRunning: boolean
  /** All of pg_settings by name: what is missing here does not exist in this server. */
  readonly settings: ReadonlyMap<string, KnownSetting>
  /** Of all databases together, bytes. */
  readonly databaseBytes: number | null
  /** Of some weeks: the most connections at once. */
  readonly peakConnections: number | null
  /** Of some weeks: the 99th percentile of sessions that ran a statement at once. */
  readonly activeSessions: number | null
  /** Names of pg_available_extensions, whose libraries can be loaded. */
  readonly availableExtensions: ReadonlySet<string>
}
