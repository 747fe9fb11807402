import { z } from 'zod'
import type { Action } from '../action.ts'
import { clusterArgs } from '../backup/args.ts'
import { clusterOf } from '../backup/controls.ts'
import type { BackupControls } from '../backup/controls.ts'

const args = z.strictObject(clusterArgs)

export const backupPolicy = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-policy',
  what: 'tell the policy of backups: what runs when in the next days, where, and how long it is kept',
  risk: 'read',
  target: 'node',
  args,
  deadlineMs: 30_000,
  examples: ['run backup-policy -n pg-main-1'],
  plan: () => Promise.resolve(['reads the policy; changes nothing']),
  async run(_context, given) {
    const found = clusterOf(controls, given.cluster)
    const lines = [...(await found.controls.describe(found.cluster))]
    return { message: `The policy of ${found.cluster}.`, output: [{ type: 'text', title: 'Policy', lines }] }
  },
})
