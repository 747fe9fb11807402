import { z } from 'zod'
import type { Action } from '../action.ts'
import { dayMs, repositoryArgs } from '../backup/args.ts'
import { planWork, runWork } from '../backup/backup-work.ts'
import type { BackupControls } from '../backup/controls.ts'

const args = z.strictObject(repositoryArgs)

export const backupDrill = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-drill',
  what: 'restore the newest backup into a scratch directory, start it, look at it, and remove it',
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: dayMs,
  mayBeLeft: 'the next start of the agent ends the scratch server and removes its directory',
  examples: ['run backup-drill -n pg-main-2'],
  plan: (context, given) =>
    planWork(controls, context, given, { operation: 'drill', repository: given.repository }),
  run: (context, given) =>
    runWork(controls, context, given, { operation: 'drill', repository: given.repository }),
})
