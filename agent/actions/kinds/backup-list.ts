import { z } from 'zod'
import type { Action } from '../action.ts'
import { clusterArgs } from '../backup/args.ts'
import { clusterOf } from '../backup/controls.ts'
import type { BackupControls } from '../backup/controls.ts'
import { reportTables } from '../backup/report-tables.ts'

const args = z.strictObject(clusterArgs)

export const backupList = (controls: BackupControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'backup-list',
  what: 'ask the repositories now: backups, points that can be restored, gaps, and what ran here',
  risk: 'read',
  target: 'node',
  args,
  deadlineMs: 120_000,
  examples: ['run backup-list -n pg-main-1'],
  plan: () => Promise.resolve(['lists the repositories; changes nothing']),
  async run(context, given) {
    const found = clusterOf(controls, given.cluster)
    const report = await found.controls.report(found.cluster, context.signal)
    const broken = report.repositories.filter(({ problem }) => problem !== null).length
    const state = broken === 0 ? '' : `, ${broken} of them with a problem`
    return {
      message: `${report.sets.length} backups in ${report.repositories.length} repositories${state}.`,
      output: reportTables(report),
    }
  },
})
