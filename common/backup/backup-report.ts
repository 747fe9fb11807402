import { z } from 'zod'
import { backupProblem } from './backup-problem.ts'
import { backupOperation, backupRun, backupType } from './backup-run.ts'

const moment = z.number().nullable()
const bytes = z.number().min(0).nullable()

/** One backup as its repository lists it. */
export const backupSet = z.object({
  label: z.string().max(256),
  type: backupType,
  repository: z.int(),
  startedMs: z.number(),
  finishedMs: z.number(),
  /** First and last segment that it needs; null where the engine does not say. */
  walStart: z.string().max(24).nullable(),
  walStop: z.string().max(24).nullable(),
  /** Of the database, and what the repository holds of it. */
  sizeBytes: bytes,
  storedBytes: bytes,
  /** Pages failed their checksum: it ends with 0 all the same. */
  hasErrors: z.boolean(),
  /** The backups that it depends on. */
  needs: z.array(z.string().max(256)).max(128),
})
export type BackupSet = z.infer<typeof backupSet>

/** One repository of a cluster, and to which points it leads back. */
export const repositoryReport = z.object({
  repository: z.int(),
  /** Such as `s3 backups/pg-main` or `/var/lib/pgbackrest`; no secrets. */
  where: z.string().max(512),
  isEncrypted: z.boolean(),
  /** Null when it is well. */
  problem: backupProblem.nullable(),
  reason: z.string().max(1_000),
  sizeBytes: bytes,
  /** Of the directory's filesystem; null in object stores. */
  freeBytes: bytes,
  /** The newest segment that it has, and when that came. */
  newestSegment: z.string().max(24).nullable(),
  archivedMs: moment,
  /** Segments that are missing between those that it has, as ranges `first..last` or one name; the first 100. */
  gaps: z.array(z.string().max(64)).max(100),
  /** Any point in these spans can be restored: from a backup's end to the last segment without a gap. */
  spans: z.array(z.object({ fromMs: z.number(), toMs: z.number(), timeline: z.int() })).max(64),
})
export type RepositoryReport = z.infer<typeof repositoryReport>

/** Of one cluster, by one member's agent. Times are milliseconds since the epoch on its clock. */
export const backupReport = z.object({
  cluster: z.string().max(128),
  node: z.string().max(128),
  atMs: z.number(),
  engine: z.enum(['pgbackrest', 'pg_basebackup']),
  engineVersion: z.string().max(64).nullable(),
  stanza: z.string().max(128),
  /** This member would run the next backup, and half a sentence why or why not. */
  isRunner: z.boolean(),
  runnerReason: z.string().max(500),
  /** When each operation is due next; empty without a schedule. */
  next: z.array(z.object({ operation: backupOperation, atMs: z.number() })).max(16),
  repositories: z.array(repositoryReport).max(16),
  /** The newest last; at most 200. */
  sets: z.array(backupSet).max(200),
  /** Segments that wait for the archive, their bytes, and since when archiving fails; null where it is not known. */
  archive: z.object({
    waitingSegments: z.int().nullable(),
    waitingBytes: bytes,
    failingSinceMs: moment,
    lastFailure: z.string().max(500).nullable(),
  }),
  /** Of this member, the newest last; at most 50. The collector keeps them by id. */
  runs: z.array(backupRun).max(50),
  /** What runs now, with how far it is. */
  running: z
    .object({
      id: z.string().max(64),
      percent: z.number().nullable(),
      text: z.string().max(500),
      bytesPerSecond: bytes,
    })
    .nullable(),
})
export type BackupReport = z.infer<typeof backupReport>

/** Agent to collector: when something has changed, and each minute. */
export const backupMessage = z.object({ type: z.literal('backup'), report: backupReport })
