import { toInstance, toStatement } from '../../kit/links.ts'
import { whenLong } from '../../kit/long-ranges.ts'
import type { Lines, Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases, inServers } from '../../kit/variables.ts'
import { lognormalPercentile, percentileOf } from './moments.ts'

const noDurations = 'pg_stat_statements is not there, or nothing ran.'
const chosen = `${inDatabases},query=~"$query"`
const by = 'cls, ins, datname, query'

const recorded = (metric: string, selector: string): string =>
  `sum by (${by}) (avg_over_time(statement:pg_query_${metric}:rate5m{${whenLong(selector)}}[$__interval]))`

/** Of what was recorded each five minutes. */
const longPercentile = (selector: string): string =>
  lognormalPercentile('p95', {
    time: recorded('exec_time', selector),
    squares: recorded('exec_time_squares', selector),
    calls: recorded('calls', selector),
  })

/** Over long ranges that of the chosen, or of all what it was on average of the moments at which it was among the twenty of its server. */
const slowest = `topk(10, ${longPercentile(`${chosen},query!="other",cls!~"$query"`)} or sum by (${by}) (avg_over_time(statement:pg_query_exec_time:top_p95_5m{${whenLong(`${inDatabases},cls=~"$query"`)}}[$__interval])))`

const ofServers = (quantile: number, title: string): Lines => ({
  ...half,
  title,
  description: `Within which time ${quantile * 100} of 100 statements ended, of all that a server executed: from a histogram that the agent fills, so that it is right over any range.`,
  noValue: noDurations,
  unit: 'seconds',
  log: 10,
  queries: [
    {
      expr: `histogram_quantile(${quantile}, sum by (cls, ins, le) (rate(pg_query_duration_seconds_bucket{${inServers}}[$__rate_interval])))`,
      legend: '{{ins}}',
    },
  ],
  link: toInstance,
})

export const durations: Row = {
  title: 'How long statements take',
  panels: [
    ofServers(0.5, 'Median of all statements'),
    ofServers(0.95, 'Percentile 95 of all statements'),
    ofServers(0.99, 'Percentile 99 of all statements'),
    {
      kind: 'heatmap',
      width: 12,
      height: half.height,
      title: 'Durations',
      description:
        'How many statements of the chosen servers took how long, per second. Two bands are two kinds of statements, or one with two plans.',
      noValue: noDurations,
      unit: 'seconds',
      queries: [
        {
          expr: `sum by (le) (rate(pg_query_duration_seconds_bucket{${inServers}}[$__rate_interval]))`,
          legend: '{{le}}',
        },
      ],
    },
    {
      ...half,
      width: 24,
      title: 'Slowest of the chosen statements, by percentile 95',
      description:
        'Within which time 95 of 100 calls of a statement ended, of the ten that took longest: estimated from the mean and the variance of each moment, for those with twenty calls in it. Where calls are of two very different kinds it is only about right: agentctl queries show tells the bounds. Over more than a day and of all statements the average of those five minutes in which it was among the twenty slowest of its server, with twenty calls in them.',
      noValue: 'No chosen statement has twenty calls within the distance of two points.',
      unit: 'seconds',
      log: 10,
      queries: [
        {
          expr: `topk(10, ${percentileOf('p95', { by, selector: `${chosen},query!="other"`, window: '$__rate_interval' })})`,
          recorded: slowest,
          legend: '{{ins}} {{datname}} {{query}}',
        },
      ],
      link: toStatement,
    },
  ],
}
