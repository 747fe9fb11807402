import { fillSteps, roleOf, roleStates, serverColumn } from '../../kit/columns.ts'
import { rateNow, share } from '../../kit/expressions.ts'
import { toReplication } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { wide } from '../../kit/sizes.ts'
import { inClusters } from '../../kit/variables.ts'

const by = 'cls, ins'
const max = (expr: string): string => `max by (${by}) (${expr})`

export const members: Row = {
  title: 'Members',
  panels: [
    {
      kind: 'timeline',
      title: 'Role and availability',
      description:
        'What each member was: primary, standby or down. Two primaries at the same time are a split brain; a blank stretch means that the agent measured nothing.',
      noValue: 'No server of this cluster was measured in this time.',
      unit: 'count',
      width: 24,
      height: 6,
      states: roleStates,
      queries: [{ expr: roleOf(inClusters), legend: '{{ins}}' }],
    },
    {
      ...wide,
      height: 7,
      title: 'Members',
      description: 'A line for each member; a click on its name shows it alone.',
      noValue: 'No server of this cluster was measured in this time.',
      unit: 'count',
      labels: { cls: { title: 'Cluster' }, ins: serverColumn },
      sortBy: { title: 'Server', descending: false },
      values: [
        { title: 'Role', expr: roleOf(inClusters), states: roleStates },
        { title: 'Timeline', expr: max(`pg_timeline_id{${inClusters}}`) },
        { title: 'Up for', unit: 'seconds', expr: max(`pg_uptime{${inClusters}}`) },
        {
          title: 'Lag',
          unit: 'seconds',
          expr: max(`pg_lag{${inClusters}}`),
          steps: [{ from: 10, tone: 'warn' }],
        },
        { title: 'Transactions', unit: 'perSecond', expr: rateNow(by, 'pg_db_xact_total', inClusters) },
        {
          title: 'Connections used',
          unit: 'ratio',
          expr: share(
            `sum by (${by}) (pg_activity_count{${inClusters}})`,
            max(`pg_setting_max_connections{${inClusters}}`),
          ),
          steps: fillSteps,
        },
        { title: 'Size', unit: 'bytes', expr: `sum by (${by}) (pg_size_bytes{${inClusters}})` },
        {
          title: 'Settings that wait for a restart',
          expr: `sum by (${by}) (pg_settings_pending_restart{${inClusters}})`,
          steps: [{ from: 1, tone: 'warn' }],
        },
      ],
    },
    {
      kind: 'table',
      width: 24,
      height: 6,
      title: 'What is wrong with it',
      description:
        'What the collector found when it compared the reports of the members, and about how many of them.',
      noValue: 'Nothing is wrong, or nothing reports the health of these servers.',
      unit: 'count',
      labels: {
        cls: { title: 'Cluster', link: toReplication },
        severity: { title: 'Severity' },
        code: { title: 'Finding' },
      },
      sortBy: { title: 'Severity', descending: false },
      values: [
        {
          title: 'Members',
          expr: `sum by (cls, severity, code) (pgherd_cluster_judgement{${inClusters}}) > 0`,
        },
      ],
    },
  ],
}
