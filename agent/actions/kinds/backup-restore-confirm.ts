import { z } from 'zod'
import type { Action } from '../action.ts'
import { clusterArgs } from '../backup/args.ts'
import { clusterOf } from '../backup/controls.ts'
import type { BackupControls } from '../backup/controls.ts'

const args = z.strictObject({
  force: z.boolean().default(false).describe('although no backup was made since, or no server runs'),
  ...clusterArgs,
})

export const backupRestoreConfirm = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-restore-confirm',
  what: 'delete the data directory that a restore in place has kept',
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 3_600_000,
  mayBeLeft: 'a part of the directory; run it again',
  examples: ['run backup-restore-confirm -n pg-main-1'],
  async plan(_context, { cluster, force }) {
    const found = clusterOf(controls, cluster)
    return found.controls.planConfirm(found.cluster, force)
  },
  async run(_context, { cluster, force }) {
    const found = clusterOf(controls, cluster)
    const deleted = await found.controls.confirm(found.cluster, force)
    return { message: `Deleted ${deleted.join(', ')}.`, output: [] }
  },
})
