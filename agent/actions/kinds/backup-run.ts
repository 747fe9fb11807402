import { z } from 'zod'
import { backupType } from '../../../common/backup/backup-run.ts'
import type { Action } from '../action.ts'
import { dayMs, repositoryArgs } from '../backup/args.ts'
import { planWork, runWork } from '../backup/backup-work.ts'
import { clusterOf } from '../backup/controls.ts'
import type { BackupControls, BackupRequest } from '../backup/controls.ts'

const args = z.strictObject({
  type: backupType
    .optional()
    .describe(
      'a full backup, or what changed since the last full (diff) or any (incr); incr unless told, full with pg_basebackup',
    ),
  ...repositoryArgs,
})

export const backupRun = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-run',
  what: 'make a backup now',
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: dayMs,
  mayBeLeft: 'the next start of the agent ends what is left of it; agentctl backup list tells what there is',
  examples: ['run backup-run -n pg-main-1 type=full'],
  plan: (context, given) => planWork(controls, context, given, request(controls, given)),
  run: (context, given) => runWork(controls, context, given, request(controls, given)),
})

function request(
  given: BackupControls | undefined,
  { type, cluster: asked, repository }: z.infer<typeof args>,
): BackupRequest {
  const { controls, cluster } = clusterOf(given, asked)
  return { operation: type ?? controls.usualType(cluster), repository }
}
