import { z } from 'zod'

/**
 * How the backups of one cluster are made, as /etc/pgherd/backup.yaml says it under `clusters.<cls>`. The same file lies on every
 * member. Durations are milliseconds and sizes bytes once read; secrets are only ever names of files.
 */
export interface BackupPolicy {
  readonly cluster: string
  readonly engine: 'pgbackrest' | 'pg_basebackup'
  readonly stanza: string
  /** `write`: pgherd writes `configFile` from this; `existing`: it is somebody else's, and only read. */
  readonly config: 'write' | 'existing'
  readonly configFile: string
  /** IANA name; the schedules are in it. */
  readonly timeZone: string
  /** Cron expressions of five fields. */
  readonly schedules: Readonly<Partial<Record<'full' | 'diff' | 'incr' | 'verify' | 'drill', string>>>
  /** A run that has not begun so long after its moment is missed. */
  readonly windowMs: number
  /** Who runs them: the primary, or the best standby with the primary after `fallbackAfterMs` without one. */
  readonly where: 'primary' | 'standby'
  readonly fallbackAfterMs: number
  /** All members of the cluster, this one too; a standby's pgBackRest must know its primary. Empty where none are told. */
  readonly members: readonly MemberPolicy[]
  /** How pgBackRest on one member reaches the others (its own TLS server); null where it need not. */
  readonly primaryAccess: PrimaryAccess | null
  /** In the order of pgBackRest's repo1, repo2, ...; empty with `existing`, whose file has them. */
  readonly repositories: readonly RepositoryPolicy[]
  readonly compression: {
    readonly type: 'none' | 'gz' | 'lz4' | 'zst' | 'bz2'
    readonly level: number | null
  }
  readonly processMax: number
  /** Bytes per second: pg_basebackup's --max-rate. pgBackRest has no such limit; there it is refused. */
  readonly maxRate: number | null
  /** Niceness of the engine's processes, 0 to 19. */
  readonly nice: number
  readonly ioTimeoutMs: number
  readonly protocolTimeoutMs: number
  readonly logPath: string
  readonly lockPath: string
  readonly archive: {
    /** Whether pgherd sets archive_mode and archive_command. */
    readonly isManaged: boolean
    readonly isAsync: boolean
    readonly spoolPath: string
    readonly queueMaxBytes: number | null
    readonly timeoutMs: number
  }
  readonly retry: { readonly attempts: number; readonly firstMs: number; readonly longestMs: number }
  /** A run waits, within its window, while one of them is exceeded; null is no limit. */
  readonly guard: {
    readonly loadPerCpu: number | null
    readonly activeSessions: number | null
    readonly lagBytes: number | null
    readonly ioPressurePercent: number | null
  }
  readonly drill: DrillPolicy
  /** At most so long, the proof of the point included. */
  readonly restore: { readonly timeoutMs: number }
}

export interface RetentionPolicy {
  /** Full backups to keep, or the days that must stay reachable. */
  readonly full: { readonly kind: 'count' | 'days'; readonly value: number } | null
  readonly diff: number | null
}

export type RepositoryPolicy = {
  readonly path: string
  readonly retention: RetentionPolicy
  /** A file with the pass of aes-256-cbc; null without encryption. */
  readonly cipherPassFile: string | null
  /** Small files are stored together, and files by blocks (pgBackRest 2.46). */
  readonly bundle: boolean
  readonly block: boolean
} & (
  | {
      readonly kind: 'local'
      /** The same files on every member, such as a mounted NFS. */
      readonly isShared: boolean
    }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** host or host:port. */
      readonly endpoint: string
      readonly region: string
      readonly keyFile: string
      readonly keySecretFile: string
      readonly uriStyle: 'host' | 'path'
      readonly caFile: string | null
      readonly verifyTls: boolean
    }
)

export interface MemberPolicy {
  readonly address: string
  /** Null: as on the member that reads it. */
  readonly dataDirectory: string | null
  readonly port: number | null
  readonly socketDirectory: string | null
}

export interface PrimaryAccess {
  readonly kind: 'tls'
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
  readonly port: number
  /** Common names of the certificates that may come. */
  readonly allowedNames: readonly string[]
}

export interface DrillPolicy {
  /** Where the scratch data directory is made, on a filesystem with room. */
  readonly directory: string
  /** Of its filesystem, that must stay free. */
  readonly keepFreePercent: number
  readonly target: 'latest' | 'immediate'
  /** pg_amcheck where it is installed. */
  readonly amcheck: boolean
  /** Each must answer one row whose first column is true. */
  readonly queries: readonly { readonly database: string; readonly sql: string; readonly what: string }[]
  /** At most so long, restore and replay together. */
  readonly timeoutMs: number
}

/** Names of clusters, as identity.cluster has them. */
export const clusterKey = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)
