import type { Row } from '../../kit/panel.ts'
import { small } from '../../kit/sizes.ts'
import { inClusters } from '../../kit/variables.ts'

export const noBackup = 'No agent of these clusters makes backups (backup.policy).'
const age = (metric: string): string => `max(time() - max by (cls, cluster) (${metric}{${inClusters}}))`

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Oldest last backup',
      description: 'Age of the newest good backup of the cluster that has gone without one for longest.',
      noValue: noBackup,
      unit: 'seconds',
      queries: [{ expr: age('pgherd_backup_last_success_timestamp_seconds') }],
      steps: [
        { from: 93_600, tone: 'warn' },
        { from: 172_800, tone: 'bad' },
      ],
    },
    {
      ...small,
      title: 'Would be lost with the host',
      description:
        'Time since the newest segment of WAL came to the archive: what is younger is on the hosts alone. An idle server archives when archive_timeout says so.',
      noValue: noBackup,
      unit: 'seconds',
      queries: [{ expr: age('pgherd_backup_repository_last_archived_timestamp_seconds') }],
      steps: [
        { from: 600, tone: 'warn' },
        { from: 3600, tone: 'bad' },
      ],
    },
    {
      ...small,
      title: 'Repositories with a problem',
      description: 'Repositories that cannot be read or are not well.',
      noValue: noBackup,
      unit: 'count',
      queries: [
        {
          expr: `count(min by (cls, cluster, repository) (pgherd_backup_repository_up{${inClusters}}) == 0) or sum(pgherd_backup_repository_up{${inClusters}}) * 0`,
        },
      ],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Gaps in archives',
      description: 'Places at which segments are missing: nothing can be restored over them.',
      noValue: noBackup,
      unit: 'count',
      queries: [
        {
          expr: `sum(max by (cls, cluster, repository) (pgherd_backup_repository_archive_gaps{${inClusters}}))`,
        },
      ],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Last drills that failed',
      description: 'Clusters whose last rehearsal of a restore was not well.',
      noValue: 'No restore is rehearsed (drill in the policy of the agent).',
      unit: 'count',
      queries: [
        {
          expr: `count(pgherd_restore_drill_success{${inClusters}} == 0) or sum(pgherd_restore_drill_success{${inClusters}}) * 0`,
        },
      ],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Age of the last good drill',
      description: 'How long ago a restore was last proved to work, of the cluster for which it is longest.',
      noValue: 'No restore has been rehearsed.',
      unit: 'seconds',
      queries: [{ expr: age('pgherd_restore_drill_last_success_timestamp_seconds') }],
      steps: [
        { from: 691_200, tone: 'warn' },
        { from: 2_764_800, tone: 'bad' },
      ],
    },
  ],
}
