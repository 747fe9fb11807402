import { serverColumn } from '../../kit/columns.ts'
import { rateBy } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstRate, half, small } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const by = 'cls, ins'
const noAgent = 'No agent of this selection pushed anything in this time.'
const agent = `${inServers},job="pgherd"`

const ofProbe = 'cls, ins, instance, probe'
const topProbes = `topk(20, sum by (${ofProbe}) (rate(pgherd_probe_seconds_total{${inServers}}[5m])))`
const ofTopProbes = (metric: string): string =>
  `max by (${ofProbe}) (${metric}{${inServers}}) and on (${ofProbe}) ${topProbes}`

export const agentsNow: Row = {
  title: 'Agents now',
  panels: [
    {
      ...small,
      title: 'Agents',
      description: 'Agents that push figures about themselves.',
      noValue: noAgent,
      unit: 'count',
      queries: [{ expr: `count(count by (cls, ins) (pgherd_agent_series{${inServers}}))` }],
    },
    {
      ...small,
      title: 'Sources down',
      description: 'Servers, poolers and neighbours that their agent cannot ask.',
      noValue: noAgent,
      unit: 'count',
      queries: [{ expr: `count(up{${inServers}} == 0) or vector(0)` }],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...small,
      title: 'Furthest behind',
      description: 'Age of the oldest measurement that an agent has not delivered yet.',
      noValue: noAgent,
      unit: 'seconds',
      queries: [{ expr: `max(pgherd_agent_push_behind_seconds{${inServers}})` }],
      steps: [
        { from: 60, tone: 'warn' },
        { from: 600, tone: 'bad' },
      ],
    },
    {
      ...small,
      title: 'Measurements lost',
      description:
        'Batches that agents had to drop within a day because their spool was full or the collector refused them.',
      noValue: noAgent,
      unit: 'count',
      queries: [
        {
          expr: `sum(increase(pgherd_agent_spool_dropped_records_total{${inServers}}[1d])) + sum(increase(pgherd_agent_spool_refused_records_total{${inServers}}[1d]))`,
        },
      ],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Probes that fail',
      description: 'Probes whose last run failed: their metrics are missing.',
      noValue: noAgent,
      unit: 'count',
      queries: [{ expr: `count(pgherd_probe_up{${inServers}} == 0) or vector(0)` }],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...small,
      title: 'Next certificate ends in',
      description:
        'Time until the certificate of an agent ends that ends first. Agents renew theirs when a third of it is left.',
      noValue: 'These agents have no certificate.',
      unit: 'seconds',
      queries: [
        {
          expr: `min(pgherd_agent_certificate_expiry_timestamp_seconds{${inServers}}) - time()`,
        },
      ],
      base: 'bad',
      steps: [
        { from: 604_800, tone: 'warn' },
        { from: 1_209_600, tone: 'good' },
      ],
    },
  ],
}

export const agents: Row = {
  title: 'Agents',
  panels: [
    {
      ...half,
      title: 'CPU of agents',
      description: 'CPUs that each agent uses on its database host.',
      noValue: firstRate,
      unit: 'ratio',
      min: 0,
      queries: [{ expr: rateBy(by, 'process_cpu_seconds_total', agent), legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Memory of agents',
      description: 'Resident memory of each agent.',
      noValue: noAgent,
      unit: 'bytes',
      min: 0,
      queries: [{ expr: `max by (${by}) (process_resident_memory_bytes{${agent}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Series of agents',
      description:
        'Series that each agent measures, and its limit. At the limit probes with most labels are cut.',
      noValue: noAgent,
      unit: 'count',
      queries: [
        { expr: `max by (${by}) (pgherd_agent_series{${inServers}})`, legend: '{{ins}}' },
        { expr: `max by (${by}) (pgherd_agent_series_limit{${inServers}})`, legend: '{{ins}} limit' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Time in the servers',
      description:
        'Part of a CPU second per second that all probes of an agent cost its server: what being watched costs.',
      noValue: firstRate,
      unit: 'ratio',
      min: 0,
      queries: [{ expr: rateBy(by, 'pgherd_probe_seconds_total', inServers), legend: '{{ins}}' }],
      steps: [{ from: 0.05, tone: 'warn' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Spool',
      description: 'Bytes that wait on the disk of each agent until every destination has them.',
      noValue: noAgent,
      unit: 'bytes',
      queries: [{ expr: `max by (${by}) (pgherd_agent_spool_bytes{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Behind',
      description: 'Age of the oldest measurement that a destination does not have yet.',
      noValue: noAgent,
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins, destination) (pgherd_agent_push_behind_seconds{${inServers}})`,
          legend: '{{ins}} {{destination}}',
        },
      ],
      steps: [{ from: 60, tone: 'warn' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Sent',
      description: 'Bytes per second that each agent sent to a destination, compressed.',
      noValue: firstRate,
      unit: 'bytesPerSecond',
      queries: [
        {
          expr: rateBy('cls, ins, destination', 'pgherd_agent_push_sent_bytes_total', inServers),
          legend: '{{ins}} {{destination}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Missed scrapes and attempts',
      description:
        'Scrapes that did not begin in time, and pushes that had to be tried again, within ten minutes.',
      noValue: firstRate,
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (increase(pgherd_scrape_missed_total{${inServers}}[10m]))`,
          legend: '{{ins}} missed',
        },
        {
          expr: `sum by (${by}) (increase(pgherd_agent_push_retries_total{${inServers}}[10m]))`,
          legend: '{{ins}} tried again',
        },
      ],
      steps: [{ from: 1, tone: 'warn' }],
      link: toInstance,
    },
    {
      kind: 'table',
      width: 24,
      height: 10,
      title: 'Probes that cost most',
      description:
        'The twenty probes that cost their server most time in the last five minutes. One that needs more than its budget is asked less often.',
      noValue: firstRate,
      unit: 'count',
      labels: { ins: serverColumn, instance: { title: 'Source' }, probe: { title: 'Probe' } },
      sortBy: { title: 'Time', descending: true },
      values: [
        {
          title: 'Time',
          unit: 'ratio',
          decimals: 2,
          expr: topProbes,
        },
        { title: 'Last run took', unit: 'seconds', expr: ofTopProbes('pgherd_probe_duration_seconds') },
        { title: 'Rows', expr: ofTopProbes('pgherd_probe_rows') },
        { title: 'Asked every', unit: 'seconds', expr: ofTopProbes('pgherd_probe_interval_seconds') },
        {
          title: 'Throttled',
          expr: ofTopProbes('pgherd_probe_throttled'),
          states: [
            { value: 0, text: 'no', tone: 'good' },
            { value: 1, text: 'yes', tone: 'warn' },
          ],
        },
      ],
    },
  ],
}
