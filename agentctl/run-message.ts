import type { BackupRun } from '../common/backup/backup-run.ts'
import type { ClusterBackups } from '../common/backup/backup-view.ts'
import { printAge } from './terminal.ts'

/** An agent tells of its backups each minute. */
const silentMs = 150_000

/** Whether what a member has told may be otherwise by now. */
export const isSilent = ({ ageMs }: { readonly ageMs: number }): boolean => ageMs >= silentMs

/** What a run has said; of one that runs, whether its agent is still heard of. */
export function runMessage(
  run: Pick<BackupRun, 'outcome' | 'node' | 'message'>,
  members: readonly {
    readonly ageMs: number
    readonly report: Pick<ClusterBackups['members'][number]['report'], 'node'>
  }[],
): string {
  const member = members.find(({ report }) => report.node === run.node)
  if (run.outcome !== 'running' || member === undefined || !isSilent(member)) return run.message
  return `its agent was heard of ${printAge(member.ageMs)} ago; whether it still runs is not known`
}
