import { clusterColumn } from '../../kit/columns.ts'
import { toCluster } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inClusters } from '../../kit/variables.ts'
import { noBackup } from './now.ts'

const by = 'cls, cluster, repository'
const max = (metric: string): string => `max by (${by}) (pgherd_backup_${metric}{${inClusters}})`
const legend = '{{cluster}} {{repository}}'

export const repositories: Row = {
  title: 'What can be restored',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 8,
      title: 'Repositories',
      description:
        'A line for each repository of each cluster: its newest backups, and the points in time to which it can be restored.',
      noValue: noBackup,
      unit: 'count',
      labels: { cls: clusterColumn, cluster: { title: 'Backups of' }, repository: { title: 'Repository' } },
      sortBy: { title: 'Backups of', descending: false },
      values: [
        {
          title: 'Well',
          expr: `min by (${by}) (pgherd_backup_repository_up{${inClusters}})`,
          states: [
            { value: 0, text: 'no', tone: 'bad' },
            { value: 1, text: 'yes', tone: 'good' },
          ],
        },
        { title: 'Newest backup', unit: 'ago', expr: `${max('last_success_timestamp_seconds')} * 1000` },
        {
          title: 'Restorable from',
          unit: 'date',
          expr: `${max('repository_restorable_from_timestamp_seconds')} * 1000`,
        },
        {
          title: 'Restorable to',
          unit: 'date',
          expr: `${max('repository_restorable_to_timestamp_seconds')} * 1000`,
        },
        { title: 'Gaps', expr: max('repository_archive_gaps'), steps: [{ from: 1, tone: 'bad' }] },
        {
          title: 'Bad sets',
          expr: `max by (${by}) (pgherd_backup_sets{${inClusters},state="bad_pages"})`,
          steps: [{ from: 1, tone: 'bad' }],
        },
        { title: 'Good sets', expr: `max by (${by}) (pgherd_backup_sets{${inClusters},state="ok"})` },
        { title: 'Size', unit: 'bytes', expr: max('repository_size_bytes') },
        { title: 'Free', unit: 'bytes', expr: max('repository_free_bytes') },
      ],
    },
    {
      ...half,
      title: 'Time since the newest backup',
      description:
        'Age of the newest good backup in each repository. A saw whose teeth grow misses its time.',
      noValue: noBackup,
      unit: 'seconds',
      queries: [
        {
          expr: `time() - ${max('last_success_timestamp_seconds')}`,
          legend,
        },
      ],
      steps: [
        { from: 93_600, tone: 'warn' },
        { from: 172_800, tone: 'bad' },
      ],
      link: toCluster,
    },
    {
      ...half,
      title: 'Size of repositories',
      description: 'Bytes that each repository holds of its cluster.',
      noValue: noBackup,
      unit: 'bytes',
      queries: [{ expr: max('repository_size_bytes'), legend }],
      link: toCluster,
    },
    {
      ...half,
      title: 'Free in repositories',
      description:
        'Bytes that are free on the filesystem of each repository; object stores have none to tell.',
      noValue: 'These repositories are in an object store, or no backup is made.',
      unit: 'bytes',
      queries: [{ expr: max('repository_free_bytes'), legend }],
      link: toCluster,
    },
    {
      ...half,
      title: 'WAL that waits for the archive',
      description: 'Segments that are ready and not archived yet, by the agents that make backups.',
      noValue: noBackup,
      unit: 'count',
      queries: [
        {
          expr: `max by (cls, ins) (pgherd_backup_archive_waiting_segments{${inClusters}})`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 10, tone: 'warn' },
        { from: 100, tone: 'bad' },
      ],
      link: { board: 'wal', title: 'Show its WAL', labels: ['cls', 'ins'] },
    },
  ],
}
