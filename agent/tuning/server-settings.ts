/** A setting as a server has it at one moment. */
export interface SettingNow {
  readonly name: string
  /** `pg_settings.setting`. */
  readonly value: string
  /** `postmaster`: only a restart takes another value. */
  readonly context: string
  readonly vartype: string
  readonly unit: string | null
  /** Where the value comes from: `default`, `configuration file`, `command line`, ... */
  readonly source: string
  /** `file:line` of it; null where it is from no file, or this role may not know. */
  readonly where: string | null
  readonly waitsForRestart: boolean
  /** The last line of the files that names it, in pg_settings' unit and spelling; null where none does. */
  readonly inFiles: { readonly value: string; readonly where: string; readonly isApplied: boolean } | null
  /** Its line in postgresql.auto.conf, as it stands there. */
  readonly byAlterSystem: string | null
}

/** A server's settings, and what keeps them from being changed. */
export interface ServerSettings {
  readonly settings: ReadonlyMap<string, SettingNow>
  /** Such as 150018. */
  readonly versionNumber: number
  readonly inRecovery: boolean
  /** Whether this role may read pg_file_settings; without that nobody knows what the files say. */
  readonly knowsFiles: boolean
  /** Mistakes in the files, with which the server would not start again. */
  readonly fileErrors: readonly string[]
  /** Names on the server's command line, which nothing else overrides. */
  readonly commandLine: ReadonlySet<string>
  readonly clusterName: string
  /** allow_alter_system, since 17. */
  readonly allowsAlterSystem: boolean
  readonly role: {
    readonly name: string
    readonly mayReload: boolean
    /** Names that it may set by ALTER SYSTEM. */
    readonly mayAlter: ReadonlySet<string>
  }
}

/** What Patroni alone gives its servers on their command line, together. Source: Patroni, `CMDLINE_OPTIONS` in postgresql/config.py. */
const patroniGives = ['cluster_name', 'max_connections', 'max_worker_processes', 'wal_level', 'wal_log_hints']

/** Whether the server was started as Patroni starts one; its `cluster_name` is then Patroni's scope. */
export function isPatronis({ commandLine }: Pick<ServerSettings, 'commandLine'>): boolean {
  return patroniGives.every((name) => commandLine.has(name))
}
