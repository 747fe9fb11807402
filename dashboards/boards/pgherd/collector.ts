import type { Row } from '../../kit/panel.ts'
import { firstRate, half } from '../../kit/sizes.ts'

const notScraped = 'Nothing scrapes the collector: docs/20-dashboards.md says how an agent does.'
const collector = 'instance=~"$collector"'
const rate = (metric: string): string => `sum by (instance) (rate(${metric}{${collector}}[$__rate_interval]))`
const legend = '{{instance}}'

export const collectors: Row = {
  title: 'Collectors',
  panels: [
    {
      ...half,
      title: 'Samples taken in',
      description: 'Samples per second that the store took.',
      noValue: notScraped,
      unit: 'perSecond',
      queries: [{ expr: rate('pgherd_store_samples_total'), legend }],
    },
    {
      ...half,
      title: 'Samples that were not taken',
      description: 'Samples per second that were refused, came twice, or were too old or from the future.',
      noValue: notScraped,
      unit: 'perSecond',
      queries: [
        { expr: rate('pgherd_ingest_rejected_samples_total'), legend: `${legend} refused` },
        { expr: rate('pgherd_store_duplicate_samples_total'), legend: `${legend} twice` },
        { expr: rate('pgherd_store_out_of_bounds_samples_total'), legend: `${legend} out of time` },
      ],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...half,
      title: 'Series',
      description: 'Series that the embedded store knows.',
      noValue: `${notScraped} With a VictoriaMetrics in its place there is none.`,
      unit: 'count',
      queries: [{ expr: `max by (instance) (pgherd_store_series{${collector}})`, legend }],
    },
    {
      ...half,
      title: 'Bytes on disk',
      description: 'What the embedded store takes on disk.',
      noValue: `${notScraped} With a VictoriaMetrics in its place there is none.`,
      unit: 'bytes',
      queries: [{ expr: `sum by (instance) (pgherd_store_bytes{${collector}})`, legend }],
    },
    {
      ...half,
      title: 'CPU and memory',
      description: 'CPUs that the collector uses.',
      noValue: notScraped,
      unit: 'ratio',
      min: 0,
      queries: [
        {
          expr: `sum by (instance) (rate(process_cpu_seconds_total{${collector},job="pgherd-collector"}[$__rate_interval]))`,
          legend,
        },
      ],
    },
    {
      ...half,
      title: 'Memory',
      description: 'Resident memory of the collector.',
      noValue: notScraped,
      unit: 'bytes',
      min: 0,
      queries: [
        {
          expr: `max by (instance) (process_resident_memory_bytes{${collector},job="pgherd-collector"})`,
          legend,
        },
      ],
    },
    {
      ...half,
      title: 'Time of requests',
      description: 'How long 99 of 100 requests took at most, by route; the ten slowest routes.',
      noValue: notScraped,
      unit: 'seconds',
      queries: [
        {
          expr: `topk(10, histogram_quantile(0.99, sum by (instance, route, le) (rate(pgherd_collector_http_request_duration_seconds_bucket{${collector}}[5m]))) > 0)`,
          legend: '{{route}}',
        },
      ],
    },
    {
      ...half,
      title: 'Queries',
      description: 'Queries that are being answered, and those that wait for their turn.',
      noValue: notScraped,
      unit: 'count',
      queries: [
        {
          expr: `sum by (instance) (pgherd_collector_http_queries_running{${collector}})`,
          legend: `${legend} running`,
        },
        {
          expr: `sum by (instance) (pgherd_collector_http_queries_waiting{${collector}})`,
          legend: `${legend} waiting`,
        },
      ],
      steps: [{ from: 16, tone: 'warn' }],
    },
    {
      ...half,
      title: 'Time of rules',
      description: 'How long the last evaluation of each group of rules took.',
      noValue: notScraped,
      unit: 'seconds',
      queries: [
        {
          expr: `max by (instance, group) (pgherd_collector_rule_group_last_duration_seconds{${collector}})`,
          legend: '{{group}}',
        },
      ],
    },
    {
      ...half,
      title: 'Agents connected',
      description: 'Open channels of agents.',
      noValue: notScraped,
      unit: 'count',
      queries: [{ expr: `sum by (instance) (pgherd_nodes_connected{${collector}})`, legend }],
    },
    {
      ...half,
      title: 'Commands',
      description: 'Commands that have no result yet, by state.',
      noValue: notScraped,
      unit: 'count',
      queries: [{ expr: `sum by (instance, state) (pgherd_commands{${collector}})`, legend: '{{state}}' }],
    },
    {
      ...half,
      title: 'Requests that were refused',
      description:
        'Requests per second that were refused for who sent them. Many are a wrong token, or somebody who tries.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [
        {
          expr: `sum by (instance, reason) (rate(pgherd_collector_http_auth_failures_total{${collector}}[5m]))`,
          legend: '{{reason}}',
        },
      ],
      steps: [{ from: 1, tone: 'warn' }],
    },
  ],
}
