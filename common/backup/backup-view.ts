import { z } from 'zod'
import { backupReport } from './backup-report.ts'
import { backupOperation, backupRun } from './backup-run.ts'
import type { BackupOperation } from './backup-run.ts'

/** The backups of one cluster as the collector has been told of them. */
export const clusterBackups = z.object({
  cluster: z.string(),
  /** The newest report of each member whose agent has a policy; `ageMs` on the collector's clock. */
  members: z.array(z.object({ ageMs: z.number(), report: backupReport.omit({ runs: true }) })),
  /** Of all members, the newest first. */
  runs: z.array(backupRun),
})
export type ClusterBackups = z.infer<typeof clusterBackups>

/** What of the runs is asked for. */
export interface RunQuery {
  readonly operations?: readonly BackupOperation[]
  readonly limit: number
}

export const backupOperations = backupOperation.options

/** GET /api/v1/backups?operation=&limit= and GET /api/v1/backups/:cluster?operation=&limit= */
export const backupsAnswer = z.object({ status: z.literal('success'), data: z.array(clusterBackups) })
export const backupsOfClusterAnswer = z.object({ status: z.literal('success'), data: clusterBackups })
