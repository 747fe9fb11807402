import { rateBy, share } from '../../kit/expressions.ts'
import { whenLong } from '../../kit/long-ranges.ts'
import { toInstance, toStatement } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases, inServers } from '../../kit/variables.ts'

const noStatements = 'pg_stat_statements is not there, or a rate still lacks its second measurement.'
const chosen = `${inDatabases},query=~"$query"`
/** Over long ranges those of the chosen, or of all that were among the twenty of their server; a part of a window counts as it is. */
const busiest = (metric: string, selector: string): string =>
  `sum by (cls, ins, datname, query) (sum_over_time(statement:pg_query_exec_time:${metric}{${whenLong(selector)}}[$__interval]))`
const tenBusiest = `topk(10, (${busiest('rate5m', `${chosen},cls!~"$query"`)} or ${busiest('top_rate5m', `${inDatabases},cls=~"$query"`)}) * 300000 / $__interval_ms)`

export const load: Row = {
  title: 'All chosen statements',
  panels: [
    {
      ...half,
      title: 'Time in statements',
      description: 'Sessions that execute one of the chosen statements, on average.',
      noValue: noStatements,
      unit: 'count',
      queries: [{ expr: rateBy('cls, ins', 'pg_query_exec_time', chosen), legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Calls',
      description: 'Calls of the chosen statements per second.',
      noValue: noStatements,
      unit: 'perSecond',
      queries: [{ expr: rateBy('cls, ins', 'pg_query_calls', chosen), legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Time of a call',
      description:
        'How long a call of the chosen statements took on average. It rises when a plan turns bad, or when all of them wait for the same.',
      noValue: noStatements,
      unit: 'seconds',
      queries: [
        {
          expr: share(
            rateBy('cls, ins', 'pg_query_exec_time', chosen),
            rateBy('cls, ins', 'pg_query_calls', chosen),
          ),
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Rows of a call',
      description: 'Rows that a call of the chosen statements returned or changed on average.',
      noValue: noStatements,
      unit: 'count',
      queries: [
        {
          expr: share(
            rateBy('cls, ins', 'pg_query_rows', chosen),
            rateBy('cls, ins', 'pg_query_calls', chosen),
          ),
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Blocks',
      description:
        'Blocks of shared buffers that the chosen statements found, read, dirtied and had to write themselves, per second.',
      noValue: noStatements,
      unit: 'perSecond',
      log: 10,
      queries: [
        { expr: `sum(rate(pg_query_sblk_hit{${chosen}}[$__rate_interval]))`, legend: 'found' },
        { expr: `sum(rate(pg_query_sblk_read{${chosen}}[$__rate_interval]))`, legend: 'read' },
        { expr: `sum(rate(pg_query_sblk_dirtied{${chosen}}[$__rate_interval]))`, legend: 'dirtied' },
        { expr: `sum(rate(pg_query_sblk_written{${chosen}}[$__rate_interval]))`, legend: 'written' },
      ],
      colours: { found: 'green', read: 'orange', dirtied: 'purple', written: 'vermilion' },
    },
    {
      ...half,
      title: 'Forgotten statements',
      description:
        'How often pg_stat_statements forgot the statements that are seldom called, within an hour. When it does so often, pg_stat_statements.max is too small and figures are missing.',
      noValue: 'PostgreSQL tells it since version 14, with pg_stat_statements.',
      unit: 'count',
      queries: [
        {
          expr: `max by (cls, ins) (increase(pg_query_store_evictions{${inServers}}[1h]))`,
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 10, tone: 'warn' }],
      link: { board: 'tuning', title: 'Show its settings', labels: ['cls', 'ins'] },
    },
    {
      kind: 'lines',
      width: 24,
      height: 9,
      title: 'Ten statements that take most time',
      description:
        'Sessions that execute each of them, on average: what was busy when, by the identifier of pg_stat_statements. Over more than a day of those that were among the twenty of their server.',
      noValue: noStatements,
      unit: 'count',
      stack: true,
      queries: [
        {
          expr: `topk(10, ${rateBy('cls, ins, datname, query', 'pg_query_exec_time', chosen)})`,
          recorded: tenBusiest,
          legend: '{{ins}} {{datname}} {{query}}',
        },
      ],
      link: toStatement,
    },
  ],
}
