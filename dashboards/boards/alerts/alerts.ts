import { clusterColumn, serverColumn } from '../../kit/columns.ts'
import type { Row } from '../../kit/panel.ts'
import { small } from '../../kit/sizes.ts'

/** Alerts of the collector itself have no cluster. */
const chosen = 'cls=~"$cls|",severity=~"$severity"'
const none = 'No alert of this selection was pending or firing in this time.'
const count = (more: string): string => `count(ALERTS{${chosen},${more}}) or vector(0)`

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Firing',
      description: 'Alerts that fire.',
      noValue: none,
      unit: 'count',
      queries: [{ expr: count('alertstate="firing"') }],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Pending',
      description: 'Alerts whose condition is met for less time than they wait.',
      noValue: none,
      unit: 'count',
      queries: [{ expr: count('alertstate="pending"') }],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...small,
      title: 'Critical',
      description: 'Firing alerts that want somebody at once.',
      noValue: none,
      unit: 'count',
      queries: [{ expr: `count(ALERTS{cls=~"$cls|",alertstate="firing",severity="CRIT"}) or vector(0)` }],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Warnings',
      description: 'Firing alerts that want somebody during the day.',
      noValue: none,
      unit: 'count',
      queries: [{ expr: `count(ALERTS{cls=~"$cls|",alertstate="firing",severity="WARN"}) or vector(0)` }],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...small,
      title: 'Rules that failed',
      description:
        'Evaluations of rules that failed within an hour: their alerts would not fire. Of the collector, where an agent scrapes it.',
      noValue: 'Nothing scrapes the collector (docs/20-dashboards.md says how).',
      unit: 'count',
      queries: [{ expr: 'sum(increase(pgherd_collector_rule_evaluation_failures_total[1h]))' }],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Notifications that were lost',
      description:
        'Notifications that could not be delivered within an hour. Of the collector, where an agent scrapes it.',
      noValue: 'Nothing scrapes the collector, or it tells no Alertmanager.',
      unit: 'count',
      queries: [{ expr: 'sum(increase(pgherd_collector_notifications_dropped_total[1h]))' }],
      steps: [{ from: 1, tone: 'bad' }],
    },
  ],
}

export const alerts: Row = {
  title: 'Alerts',
  panels: [
    {
      kind: 'table',
      width: 24,
      height: 10,
      title: 'Alerts now',
      description: 'Every alert that fires or is pending, with the time since when its condition is met.',
      noValue: 'No alert is pending or firing.',
      unit: 'count',
      labels: {
        alertname: { title: 'Alert' },
        severity: { title: 'Severity' },
        alertstate: { title: 'State' },
        cls: clusterColumn,
        ins: serverColumn,
      },
      sortBy: { title: 'Severity', descending: false },
      values: [
        {
          title: 'Since',
          unit: 'ago',
          expr: `max by (alertname, severity, alertstate, cls, ins) (ALERTS{${chosen}} * on (alertname, severity, cls, ins) group_left () max by (alertname, severity, cls, ins) (ALERTS_FOR_STATE{${chosen}})) * 1000`,
        },
      ],
    },
    {
      kind: 'timeline',
      width: 24,
      height: 12,
      title: 'When alerts were firing',
      description:
        'When each alert was pending and when it fired. Short ones that come again and again want another threshold, or the cause taken away.',
      noValue: none,
      unit: 'count',
      states: [
        { value: 1, text: 'pending', tone: 'warn' },
        { value: 2, text: 'firing', tone: 'bad' },
      ],
      queries: [
        {
          expr: `max by (alertname, cls, ins) (ALERTS{${chosen},alertstate="firing"} * 2 or ALERTS{${chosen},alertstate="pending"})`,
          legend: '{{alertname}} {{cls}} {{ins}}',
        },
      ],
      link: { board: 'cluster', title: 'Show its cluster', labels: ['cls'] },
    },
    {
      kind: 'lines',
      width: 24,
      height: 8,
      title: 'Alerts firing',
      description: 'How many alerts of each severity fired.',
      noValue: 'No alert fired in this time.',
      unit: 'count',
      stack: true,
      queries: [
        { expr: `count by (severity) (ALERTS{${chosen},alertstate="firing"})`, legend: '{{severity}}' },
      ],
      colours: { CRIT: 'vermilion', WARN: 'orange', INFO: 'blue' },
    },
  ],
}
