import { z } from 'zod'
import type { Action } from '../action.ts'
import { dayMs, repositoryArgs } from '../backup/args.ts'
import { planWork, runWork } from '../backup/backup-work.ts'
import type { BackupControls } from '../backup/controls.ts'

const args = z.strictObject(repositoryArgs)

export const backupVerify = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-verify',
  what: 'read the whole repository and compare checksums, and look for gaps in the archive',
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: dayMs,
  examples: ['run backup-verify -n pg-main-1'],
  plan: (context, given) =>
    planWork(controls, context, given, { operation: 'verify', repository: given.repository }),
  run: (context, given) =>
    runWork(controls, context, given, { operation: 'verify', repository: given.repository }),
})
