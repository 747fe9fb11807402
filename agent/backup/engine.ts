import type { BackupProblem } from '../../common/backup/backup-problem.ts'
import type { BackupSet, RepositoryReport } from '../../common/backup/backup-report.ts'
import type { BackupType } from '../../common/backup/backup-run.ts'

/** What makes, lists and restores backups: pgBackRest, or pg_basebackup where that is not installed. */
export interface BackupEngine {
  readonly kind: 'pgbackrest' | 'pg_basebackup'
  /** What is in the repositories. Never rejects for a repository that cannot be read: that is in its `problem`. */
  list(signal: AbortSignal): Promise<EngineListing>
  /** @throws BackupFailure */
  backup(type: BackupType, options: EngineRun): Promise<EngineBackup>
  /** Reads all that the repository has and compares checksums. Also finds what pgBackRest's own verify does not say: gaps. */
  verify(options: EngineRun): Promise<EngineFindings>
  /** Deletes what the retention no longer wants. @returns the labels that went */
  expire(options: EngineRun & { readonly isDryRun: boolean }): Promise<readonly string[]>
  /**
   * Makes the stanza where it is missing, and has a segment archived to prove the way.
   * @param only - one of the two
   * @throws BackupFailure
   */
  prepare(options: EngineRun, only?: 'stanza' | 'proof'): Promise<void>
  /**
   * The backup that a restore to a target begins with: the last one from which it can be reached. Whether there is a transaction, or a
   * restore point of a name, is in the log itself, and is found out by replaying it.
   * @throws BackupFailure target-unreachable, or archive-gap when segments on the way are missing
   */
  choose(asked: TargetRequest, options: EngineRun): Promise<BackupSet>
  /** Fills an empty directory with a data directory that recovers to the target when it is started. @throws BackupFailure */
  restore(request: RestoreRequest, options: EngineRun): Promise<void>
}

export interface EngineRun {
  readonly signal: AbortSignal
  /** 0 to 100, null when nobody can know it; bytes of the database per second, null likewise. */
  readonly progress?: (percent: number | null, text: string, bytesPerSecond: number | null) => void
  /** A repository, where one is meant; all, or the engine's choice, unless told. */
  readonly repository?: number
  /** For each process that it starts, the leader of a group of its own; one that cannot be noted is ended, and the work fails. */
  readonly onStarted?: (started: StartedProcess) => Promise<void> | void
}

/** What tells a process from a later one of the same id: in ticks since the boot, field 22 of /proc/pid/stat. */
export interface StartedProcess {
  readonly pid: number
  readonly startTicks: string
}

export interface EngineListing {
  readonly version: string | null
  readonly repositories: readonly {
    readonly repository: number
    readonly where: string
    readonly isEncrypted: boolean
    readonly problem: BackupProblem | null
    readonly reason: string
    readonly sizeBytes: number | null
    readonly freeBytes: number | null
    /** Segment names of 24 hexadecimal digits, sorted, of the current system's archive; and when the newest came. */
    readonly segments: readonly string[]
    readonly archivedMs: number | null
    /** As the report has them: from the first segment that the oldest backup needs; and to where they lead back. */
    readonly gaps: readonly string[]
    readonly spans: RepositoryReport['spans']
  }[]
  /** Of the current system (system identifiers are text: they exceed 2^53). */
  readonly sets: readonly BackupSet[]
  readonly systemIdentifier: string | null
  /** There is no archive of the log: nothing but the ends of the backups can be reached. */
  readonly isWithoutArchive?: true
}

export interface EngineBackup {
  readonly label: string
  readonly repository: number
  readonly sizeBytes: number
  readonly storedBytes: number
  /** Files or pages that failed their checksum, which pgBackRest ends with 0. */
  readonly errors: readonly string[]
}

export interface EngineFindings {
  /** One line for each thing that is wrong; empty when all is well. */
  readonly problems: readonly { readonly problem: BackupProblem; readonly text: string }[]
  /** What was looked at, for a person: sets, segments, bytes. */
  readonly summary: string
}

/** Where recovery is to end. `latest` is the end of the log that is there; `immediate` the end of the backup. */
export type RecoveryTarget =
  | { readonly kind: 'latest' | 'immediate' }
  | { readonly kind: 'time'; readonly atMs: number; readonly text: string }
  | { readonly kind: 'xid' | 'lsn' | 'name'; readonly value: string }

export interface TargetRequest {
  readonly target: RecoveryTarget
  /** A backup's label; the last one that the target can be reached from unless told. */
  readonly label?: string
  /** `latest`, which it is unless told, `current` (that of the backup), or a number; as recovery_target_timeline. */
  readonly timeline?: string
}

export interface RestoreRequest extends TargetRequest {
  /** Absolute; must be empty or not exist. */
  readonly directory: string
  /** Before the target rather than behind it. */
  readonly isExclusive: boolean
  /** What recovery does at the target. */
  readonly action: 'pause' | 'promote'
  /** For files outside of the data directory (tablespaces): name to new place. */
  readonly tablespaces?: ReadonlyMap<string, string>
  /** Absolute; tablespaces that are not named go below it, in place of where they were. */
  readonly tablespaceRoot?: string
  /** Whether the restored server archives as the one that was backed up; without, its archive_mode is off. */
  readonly archives?: boolean
}
