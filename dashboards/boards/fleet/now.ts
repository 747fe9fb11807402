import { noneSteps } from '../../kit/columns.ts'
import type { Row } from '../../kit/panel.ts'
import { inClusters } from '../../kit/variables.ts'

const none = ' or vector(0)'

export const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Servers up',
      description: 'PostgreSQL servers that answer their agent.',
      noValue: 'No server was ever measured: no agent runs, or none pushes here.',
      unit: 'count',
      width: 4,
      height: 4,
      queries: [{ expr: `count(pg_up{${inClusters}} == 1)${none}` }],
    },
    {
      kind: 'stat',
      title: 'Servers down',
      description:
        'PostgreSQL servers whose agent is alive and cannot ask them. A machine that is cut off is not among them: its agent says nothing.',
      noValue: 'No server was ever measured.',
      unit: 'count',
      width: 4,
      height: 4,
      queries: [{ expr: `count(pg_up{${inClusters}} == 0)${none}` }],
      steps: noneSteps,
      link: { board: 'instance', title: 'Look at servers', labels: [] },
    },
    {
      kind: 'stat',
      title: 'Clusters in trouble',
      description:
        'Clusters that the collector judges critical: without a primary, with two, or with commits that wait.',
      noValue: 'Needs agents that report the health of their servers.',
      unit: 'count',
      width: 4,
      height: 4,
      queries: [{ expr: `count(pgherd_cluster_status{${inClusters},status="critical"} == 1)${none}` }],
      steps: noneSteps,
      link: { board: 'replication', title: 'Look at replication', labels: [] },
    },
    {
      kind: 'stat',
      title: 'Failovers that are not safe',
      description:
        'Clusters that would not survive the loss of their primary now: no standby could take over, or not without losing commits. A single server is one of them.',
      noValue: 'Needs agents that report the health of their servers.',
      unit: 'count',
      width: 4,
      height: 4,
      queries: [{ expr: `count(pgherd_cluster_failover_safe{${inClusters}} == 0)${none}` }],
      steps: [{ from: 1, tone: 'warn' }],
      link: { board: 'replication', title: 'Look at replication', labels: [] },
    },
    {
      kind: 'stat',
      title: 'Alerts firing',
      description: 'Alerts of all severities, those of the collector itself among them.',
      noValue: 'No rules are evaluated.',
      unit: 'count',
      width: 4,
      height: 4,
      queries: [{ expr: `count(ALERTS{alertstate="firing",cls=~"$cls|"})${none}` }],
      steps: noneSteps,
      link: { board: 'alerts', title: 'Show the alerts', labels: [] },
    },
    {
      kind: 'stat',
      title: 'Oldest last backup',
      description: 'Age of the newest good backup of the cluster that has gone without one for longest.',
      noValue: 'No backup is made by pgherd.',
      unit: 'seconds',
      width: 4,
      height: 4,
      queries: [
        {
          expr: `max(time() - max by (cls) (pgherd_backup_last_success_timestamp_seconds{${inClusters}}))`,
        },
      ],
      steps: [
        { from: 93_600, tone: 'warn' },
        { from: 172_800, tone: 'bad' },
      ],
      link: { board: 'backup', title: 'Show the backups', labels: [] },
    },
  ],
}
