import { z } from 'zod'
import type { Action } from '../action.ts'
import { repositoryArgs } from '../backup/args.ts'
import { planWork, runWork } from '../backup/backup-work.ts'
import type { BackupControls } from '../backup/controls.ts'

const args = z.strictObject(repositoryArgs)

export const backupExpire = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-expire',
  what: 'delete the backups that the retention no longer wants, with their part of the archive',
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 3_600_000,
  examples: ['run backup-expire -n pg-main-1 --dry-run'],
  plan: (context, given) =>
    planWork(controls, context, given, { operation: 'expire', repository: given.repository }),
  run: (context, given) =>
    runWork(controls, context, given, { operation: 'expire', repository: given.repository }),
})
