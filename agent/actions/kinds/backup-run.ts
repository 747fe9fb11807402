import { z } from 'zod'
import { backupType } from '../../../common/backup/backup-run.ts'
import type { Action } from '../action.ts'
import { dayMs, repositoryArgs } from '../backup/args.ts'
import { planWork, runWork } from '../backup/backup-work.ts'
import type { BackupControls } from '../backup/controls.ts'

const args = z.strictObject({
  type: backupType
    .default('incr')
    .describe('a full backup, or what changed since the last full (diff) or any (incr)'),
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
  plan: (context, { type, ...given }) =>
    planWork(controls, context, given, { operation: type, repository: given.repository }),
  run: (context, { type, ...given }) =>
    runWork(controls, context, given, { operation: type, repository: given.repository }),
})
