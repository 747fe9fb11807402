import { z } from 'zod'
import { backupProblem } from './backup-problem.ts'

/** What a run is for. */
export const backupOperation = z.enum(['full', 'diff', 'incr', 'verify', 'drill', 'expire', 'restore'])
export type BackupOperation = z.infer<typeof backupOperation>

/** The kinds of backup, as pgBackRest calls them. */
export const backupType = z.enum(['full', 'diff', 'incr'])
export type BackupType = z.infer<typeof backupType>

/**
 * How a run ended. `interrupted`: the agent was killed or its host went down while it ran. `missed`: its window was over
 * before it could begin. `elsewhere`: another member had done, or was doing, what the slot asked for.
 */
export const backupOutcome = z.enum([
  'running',
  'done',
  'failed',
  'cancelled',
  'interrupted',
  'missed',
  'elsewhere',
])
export type BackupOutcome = z.infer<typeof backupOutcome>

const moment = z.number().nullable()
const bytes = z.number().min(0).nullable()

/** One run of backup work on one member. Times are milliseconds since the epoch on the agent's clock. */
export const backupRun = z.object({
  /** Unique on its agent. */
  id: z.string().min(1).max(64),
  cluster: z.string().max(128),
  /** The member whose agent ran it. */
  node: z.string().max(128),
  operation: backupOperation,
  /** `schedule`, or the id of a command. */
  askedBy: z.string().max(128),
  /** The moment of the schedule that it answers; null for one that was asked for by hand. */
  slotMs: moment,
  startedMs: z.number(),
  finishedMs: moment,
  outcome: backupOutcome,
  /** Null unless it failed. */
  problem: backupProblem.nullable(),
  /** One sentence for a person, the figures in it. */
  message: z.string().max(2_000),
  attempts: z.int().min(1),
  /** Of backups: pgBackRest's label, such as 20261127-010000F. */
  label: z.string().max(256).nullable(),
  repository: z.int().nullable(),
  /** Of backups: of the database, and what the repository grew by. */
  sizeBytes: bytes,
  storedBytes: bytes,
  /** Of drills and restores: from the first byte until the server took connections at the point that was asked for. */
  recoveryMs: moment,
})
export type BackupRun = z.infer<typeof backupRun>
