import { z } from 'zod'

/** Why backup work failed, in classes that a person or a retry can act upon; docs/15 has what pgBackRest says for each. */
export const backupProblem = z.enum([
  /** Another pgBackRest holds the lock, here or, by the advisory lock on the primary, on another member. */
  'locked',
  'repository-unreachable',
  'repository-denied',
  'repository-full',
  /** WAL does not reach the archive, or what a backup needs is missing there. */
  'archive-missing',
  /** A segment within the continuous part is gone. */
  'archive-gap',
  'checksum',
  /** There is no such stanza, or it is of another system. */
  'stanza-missing',
  'stanza-mismatch',
  'version-mismatch',
  'cipher',
  'configuration',
  'server-unreachable',
  /** The role of the server changed meanwhile. */
  'failover',
  'scratch-full',
  /** The point that was asked for is not in the repository, or was not reached. */
  'target-unreachable',
  /** It was reached, and what was looked at there is wrong. */
  'check-failed',
  /** The load guard held it back until its window was over. */
  'held-back',
  'timed-out',
  'other',
])
export type BackupProblem = z.infer<typeof backupProblem>

/** Those that may be over in a moment, so that a run tries again. */
export const passingProblems: ReadonlySet<BackupProblem> = new Set([
  'locked',
  'repository-unreachable',
  'archive-missing',
  'server-unreachable',
  'timed-out',
])
