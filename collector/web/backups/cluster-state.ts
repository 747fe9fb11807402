import type { ClusterBackups } from '../../../common/backup/backup-view.ts'
import type { Level } from '../fleet/level.ts'
import { formatDateTime } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'

/** An agent tells of its backups each minute; what it told before that may be otherwise by now. */
const silentMs = 150_000

export type BackupMember = ClusterBackups['members'][number]

export const isSilent = ({ ageMs }: BackupMember): boolean => ageMs >= silentMs

/** Of those that are still heard of, the member that runs them knows best what there is; else whoever was heard last. */
export function spokesman({ members }: ClusterBackups): BackupMember | undefined {
  const byAge = members.toSorted((a, b) => a.ageMs - b.ageMs)
  return byAge.find((one) => one.report.isRunner && !isSilent(one)) ?? byAge[0]
}

export interface BackupState {
  readonly level: Level
  /** Sentences, the worst first. */
  readonly reasons: readonly string[]
}

/** How the backups of a cluster are, and why. */
export function backupState(cluster: ClusterBackups): BackupState {
  const member = spokesman(cluster)
  if (member === undefined) return { level: 'unknown', reasons: ['no agent tells of it'] }
  const { repositories, sets } = member.report
  const bad: string[] = repositories.flatMap(({ problem, reason, gaps, where }) => [
    ...(problem === null ? [] : [`${where}: ${problem}, ${reason}`]),
    ...(gaps.length === 0 ? [] : [`${where}: missing in the archive: ${gaps.slice(0, 5).join(', ')}`]),
  ])
  for (const { report } of cluster.members) {
    const { failingSinceMs, lastFailure } = report.archive
    if (failingSinceMs !== null) {
      bad.push(
        `archiving fails on ${report.node} since ${formatDateTime(failingSinceMs)}: ${lastFailure ?? 'no word why'}`,
      )
    }
  }
  if (sets.length === 0) bad.push('there is no backup')
  if (sets.at(-1)?.hasErrors === true) bad.push('pages of the newest backup failed their checksum')
  if (isSilent(member)) {
    const age = formatSeconds(Math.round(member.ageMs / 1000))
    return { level: 'unknown', reasons: [`nothing was heard of ${member.report.node} for ${age}`, ...bad] }
  }
  return bad.length === 0 ? { level: 'ok', reasons: [] } : { level: 'critical', reasons: bad }
}
