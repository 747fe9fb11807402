import { z } from 'zod'
import type { Action } from '../action.ts'
import { clusterArgs } from '../backup/args.ts'
import { clusterOf } from '../backup/controls.ts'
import type { BackupControls } from '../backup/controls.ts'

const args = z.strictObject(clusterArgs)

export const backupPrepare = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-prepare',
  what: "make the stanza, set the server's archiving where the policy says so, and prove that a segment arrives",
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: 600_000,
  examples: ['run backup-prepare -n pg-main-1'],
  async plan(_context, given) {
    const found = clusterOf(controls, given.cluster)
    return await found.controls.describe(found.cluster)
  },
  async run(context, given) {
    const found = clusterOf(controls, given.cluster)
    const lines = await found.controls.prepare(found.cluster, {
      askedBy: context.command,
      signal: context.signal,
      progress: (percent, text) => context.progress(percent, text),
    })
    return {
      message: `${found.cluster} can be backed up.`,
      output: [{ type: 'text', title: 'Done', lines: [...lines] }],
    }
  },
})
