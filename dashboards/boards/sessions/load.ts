import { rateBy } from '../../kit/expressions.ts'
import { whenLong } from '../../kit/long-ranges.ts'
import { toInstance, toStatement } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const sessionSeconds = 'pgherd_ash_seconds_total'
const nobody = 'No session worked, or insight.waits is off.'

/** Over long ranges of what was among the twenty of its server; where it was so in a part of a window, that counts as it is. */
const topOver = (by: string, level: 'statement' | 'table'): string =>
  `topk(12, sum by (${by}) (sum_over_time(${level}:pgherd_ash_seconds:top_rate5m{${whenLong(inServers)}}[$__interval])) * 300000 / $__interval_ms > 0)`

export const load: Row = {
  title: 'Active sessions',
  panels: [
    {
      ...half,
      title: 'Active sessions and processors',
      description:
        'How many sessions worked at a time on average, as seen each second, how many of them on a processor as far as the server knows, and how many processors there are: more on processors than there are wait for one.',
      noValue: nobody,
      unit: 'count',
      queries: [
        { expr: rateBy('cls, ins', sessionSeconds, inServers), legend: '{{ins}}' },
        {
          expr: rateBy('cls, ins', sessionSeconds, `${inServers},wait_event_type="CPU"`),
          legend: '{{ins}} on a processor',
        },
        {
          expr: `count by (cls, ins) (node_cpu_seconds_total{${inServers},mode="idle"})`,
          recorded: `max by (cls, ins) (max_over_time(node:node_cpu:count{${whenLong(inServers)}}[$__interval]))`,
          legend: '{{ins}} processors',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      stack: true,
      title: 'Active sessions by wait event',
      description:
        'Sessions that worked at a time on average, by what they waited for. CPU is waiting for nothing that the server knows of.',
      noValue: nobody,
      unit: 'count',
      queries: [
        {
          expr: `topk(12, ${rateBy('wait_event_type, wait_event', sessionSeconds, inServers)} > 0)`,
          legend: '{{wait_event_type}} {{wait_event}}',
        },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      stack: true,
      title: 'Active sessions by statement',
      description:
        "Sessions that worked at a time on average, by their statement's identifier in pg_stat_statements; without one is what the server does not identify. Over more than a day of those that were among the twenty of their server.",
      noValue: nobody,
      unit: 'count',
      queries: [
        {
          expr: `topk(12, ${rateBy('cls, ins, datname, query', sessionSeconds, inServers)} > 0)`,
          recorded: topOver('cls, ins, datname, query', 'statement'),
          legend: '{{ins}} {{datname}} {{query}}',
        },
      ],
      link: toStatement,
    },
    {
      ...half,
      stack: true,
      title: 'Active sessions by user',
      description: 'Sessions that worked at a time on average, by the role that they logged in as.',
      noValue: nobody,
      unit: 'count',
      queries: [
        {
          expr: `topk(12, ${rateBy('usename', sessionSeconds, inServers)} > 0)`,
          legend: '{{usename}}',
        },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      stack: true,
      title: 'Waits for locks by table',
      description:
        'Sessions that waited at a time on average for the lock of a table or of one of its rows. Over more than a day of those tables that were among the twenty of their server.',
      noValue: 'No session waited for the lock of a table.',
      unit: 'count',
      queries: [
        {
          expr: `topk(12, ${rateBy('cls, ins, datname, relname', 'pgherd_ash_table_seconds_total', inServers)} > 0)`,
          recorded: topOver('cls, ins, datname, relname', 'table'),
          legend: '{{ins}} {{datname}} {{relname}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      stack: true,
      title: 'Active sessions by application',
      description: 'Sessions that worked at a time on average, by the application_name that they give.',
      noValue: nobody,
      unit: 'count',
      queries: [
        {
          expr: `topk(12, ${rateBy('application_name', 'pgherd_ash_application_seconds_total', inServers)} > 0)`,
          legend: '{{application_name}}',
        },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
  ],
}
