import { clusterColumn, fillSteps, roleOf, roleStates, serverColumn } from '../../kit/columns.ts'
import { rateNow, share } from '../../kit/expressions.ts'
import type { Row } from '../../kit/panel.ts'
import { inClusters } from '../../kit/variables.ts'

const byServer = 'cls, ins'
const max = (expr: string): string => `max by (${byServer}) (${expr})`

export const servers: Row = {
  title: 'Servers',
  panels: [
    {
      kind: 'table',
      title: 'Servers',
      description: 'A line for each PostgreSQL server and its machine; a click on its name shows it alone.',
      noValue: 'No server was measured in this time.',
      unit: 'count',
      width: 24,
      height: 11,
      labels: { cls: clusterColumn, ins: serverColumn },
      sortBy: { title: 'Server', descending: false },
      values: [
        { title: 'Role', expr: roleOf(inClusters), states: roleStates },
        { title: 'Version', unit: 'number', expr: max(`floor(pg_version{${inClusters}} / 10000)`) },
        { title: 'Up for', unit: 'seconds', expr: max(`pg_uptime{${inClusters}}`) },
        { title: 'Transactions', unit: 'perSecond', expr: rateNow(byServer, 'pg_db_xact_total', inClusters) },
        {
          title: 'Connections used',
          unit: 'ratio',
          expr: share(
            `sum by (${byServer}) (pg_activity_count{${inClusters}})`,
            max(`pg_setting_max_connections{${inClusters}}`),
          ),
          steps: fillSteps,
        },
        {
          title: 'Oldest transaction',
          unit: 'seconds',
          expr: max(`pg_activity_max_tx_duration{${inClusters}}`),
          steps: [
            { from: 300, tone: 'warn' },
            { from: 3600, tone: 'bad' },
          ],
        },
        {
          title: 'Waiting for locks',
          expr: `sum by (${byServer}) (pg_blocking_sessions{${inClusters}})`,
          steps: [{ from: 1, tone: 'warn' }],
        },
        {
          title: 'CPU',
          unit: 'ratio',
          expr: `1 - avg by (${byServer}) (rate(node_cpu_seconds_total{${inClusters},mode="idle"}[2m]))`,
          steps: fillSteps,
        },
        {
          title: 'Memory',
          unit: 'ratio',
          expr: max(
            `1 - node_memory_MemAvailable_bytes{${inClusters}} / node_memory_MemTotal_bytes{${inClusters}}`,
          ),
          steps: fillSteps,
        },
        {
          title: 'Fullest disk',
          unit: 'ratio',
          expr: max(
            `1 - node_filesystem_avail_bytes{${inClusters}} / (node_filesystem_size_bytes{${inClusters}} > 0)`,
          ),
          steps: fillSteps,
        },
      ],
    },
    {
      kind: 'timeline',
      title: 'Role and availability',
      description:
        'What each server was: primary, standby or down. Two primaries in one cluster at the same time is a split brain; a blank stretch means that the agent measured nothing.',
      noValue: 'No server of this selection was measured in this time.',
      unit: 'count',
      width: 24,
      height: 8,
      states: roleStates,
      queries: [{ expr: roleOf(inClusters), legend: '{{ins}}' }],
    },
  ],
}
