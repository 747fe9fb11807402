import { clusterColumn, serverColumn } from '../../kit/columns.ts'
import { toCluster } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inClusters } from '../../kit/variables.ts'
import { noBackup } from './now.ts'

export const runs: Row = {
  title: 'Runs and drills',
  panels: [
    {
      kind: 'timeline',
      width: 24,
      height: 6,
      title: 'Backups under way',
      description: 'When a run was under way on each member.',
      noValue: noBackup,
      unit: 'count',
      states: [
        { value: 0, text: 'none', tone: 'unknown' },
        { value: 1, text: 'running', tone: 'calm' },
      ],
      queries: [{ expr: `max by (cls, ins) (pgherd_backup_running{${inClusters}})`, legend: '{{ins}}' }],
      link: toCluster,
    },
    {
      ...half,
      title: 'Time of runs',
      description: 'How long the last run of each operation took.',
      noValue: noBackup,
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, cluster, operation) (pgherd_backup_last_duration_seconds{${inClusters}})`,
          legend: '{{cluster}} {{operation}}',
        },
      ],
      link: toCluster,
    },
    {
      ...half,
      title: 'Time to recover',
      description:
        'How long the last rehearsal of a restore took: restore and replay together are the time to recover.',
      noValue: 'No restore has been rehearsed.',
      unit: 'seconds',
      stack: true,
      queries: [
        {
          expr: `max by (cls, cluster, phase) (pgherd_restore_drill_duration_seconds{${inClusters}})`,
          legend: '{{cluster}} {{phase}}',
        },
      ],
      link: toCluster,
    },
    {
      kind: 'table',
      width: 12,
      height: 8,
      title: 'Last runs',
      description: 'When each operation last ended, and how.',
      noValue: noBackup,
      unit: 'count',
      labels: {
        cls: clusterColumn,
        ins: serverColumn,
        operation: { title: 'Operation' },
        outcome: { title: 'Outcome' },
        repository: { title: 'Repository' },
      },
      sortBy: { title: 'Ended', descending: true },
      values: [
        {
          title: 'Ended',
          unit: 'date',
          expr: `max by (cls, ins, operation, outcome, repository) (pgherd_backup_last_run_timestamp_seconds{${inClusters}}) * 1000`,
        },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 8,
      title: 'Stanzas by pgBackRest',
      description:
        'What pgBackRest itself says of each stanza, where it is among the neighbours of an agent.',
      noValue: 'pgBackRest is not among the neighbours of an agent (kind pgbackrest).',
      unit: 'count',
      labels: { cls: clusterColumn, ins: serverColumn, stanza: { title: 'Stanza' } },
      sortBy: { title: 'Stanza', descending: false },
      values: [
        {
          title: 'Status',
          expr: `max by (cls, ins, stanza) (pgbackrest_stanza_status{${inClusters}})`,
          states: [
            { value: 0, text: 'ok', tone: 'good' },
            { value: 1, text: 'missing path', tone: 'bad' },
            { value: 2, text: 'no backup', tone: 'bad' },
            { value: 3, text: 'missing data', tone: 'bad' },
            { value: 4, text: 'repositories differ', tone: 'warn' },
            { value: 5, text: 'databases differ', tone: 'bad' },
            { value: 6, text: 'backup not found', tone: 'bad' },
            { value: 99, text: 'other', tone: 'bad' },
          ],
        },
        {
          title: 'Newest full backup',
          unit: 'seconds',
          expr: `min by (cls, ins, stanza) (pgbackrest_backup_since_last_completion_seconds{${inClusters},backup_type="full"})`,
        },
        {
          title: 'Size of the newest',
          unit: 'bytes',
          expr: `max by (cls, ins, stanza) (pgbackrest_backup_last_size_bytes{${inClusters},backup_type="full"})`,
        },
      ],
    },
  ],
}
