import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inClusters, inServers } from '../../kit/variables.ts'

const noSender = 'No standby streams from these servers.'
const noStandby = 'Measured on standbys: none of these servers is one.'
const legend = '{{ins}} to {{appname}}'

const diff = (what: string): string => `max by (cls, ins, appname) (pg_repl_${what}_diff{${inServers}})`

export const standbys: Row = {
  title: 'Standbys',
  panels: [
    {
      ...half,
      title: 'Lag in bytes',
      description:
        'WAL that a server has written and a standby has not replayed yet: what a failover now would have to catch up on.',
      noValue: noSender,
      unit: 'bytes',
      queries: [{ expr: diff('replay'), legend }],
      steps: [
        { from: 67_108_864, tone: 'warn' },
        { from: 1_073_741_824, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Lag in time',
      description:
        'How long ago the transaction was committed that a standby replayed last; 0 when it has replayed all that it received.',
      noValue: noStandby,
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins) (pg_lag{${inServers}} and pg_is_in_recovery{${inServers}} == 1)`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 10, tone: 'warn' },
        { from: 60, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Where the lag is',
      description:
        'Bytes not sent yet (the network, or the sender), sent and not flushed (the disk of the standby), flushed and not replayed (a query on the standby, or one CPU that is not fast enough).',
      noValue: noSender,
      unit: 'bytes',
      queries: [
        { expr: diff('sent'), legend: `${legend} not sent` },
        { expr: `${diff('flush')} - ${diff('sent')}`, legend: `${legend} not flushed` },
        { expr: `${diff('replay')} - ${diff('flush')}`, legend: `${legend} not replayed` },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Time until a standby has it',
      description:
        'Seconds from the flush of WAL here until a standby had written, flushed and replayed it: what a commit waits for with synchronous_commit remote_write, on and remote_apply.',
      noValue: 'No standby streams from these servers, or nothing was written lately.',
      unit: 'seconds',
      queries: [
        { expr: `max by (cls, ins, appname) (pg_repl_write_lag{${inServers}})`, legend: `${legend} written` },
        { expr: `max by (cls, ins, appname) (pg_repl_flush_lag{${inServers}})`, legend: `${legend} flushed` },
        {
          expr: `max by (cls, ins, appname) (pg_repl_replay_lag{${inServers}})`,
          legend: `${legend} replayed`,
        },
      ],
      link: toInstance,
    },
    {
      kind: 'timeline',
      width: 12,
      height: 7,
      title: 'Streaming',
      description:
        'Whether each standby receives WAL by streaming. One that does not reads the archive, or follows nobody.',
      noValue: noStandby,
      unit: 'count',
      states: [
        { value: 0, text: 'not streaming', tone: 'bad' },
        { value: 1, text: 'streaming', tone: 'good' },
      ],
      queries: [{ expr: `max by (cls, ins) (pg_receiver_streaming{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      kind: 'timeline',
      width: 12,
      height: 7,
      title: 'Synchronous state',
      description:
        'Whether commits wait for a standby. A potential one takes the place of a synchronous one that goes away.',
      noValue: noSender,
      unit: 'count',
      states: [
        { value: -1, text: 'unknown', tone: 'unknown' },
        { value: 0, text: 'asynchronous', tone: 'calm' },
        { value: 1, text: 'potential', tone: 'warn' },
        { value: 2, text: 'synchronous', tone: 'good' },
        { value: 3, text: 'quorum', tone: 'good' },
      ],
      queries: [{ expr: `max by (cls, ins, appname) (pg_repl_sync_state{${inServers}})`, legend }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Timeline',
      description:
        'The timeline that each server is on. All members of a cluster have the same one, and each failover adds one.',
      noValue: 'The server has not answered yet.',
      unit: 'number',
      queries: [{ expr: `max by (cls, ins) (pg_timeline_id{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Queries cancelled by recovery',
      description:
        'Queries of standbys that recovery cancelled within ten minutes, by why. Old snapshots: hot_standby_feedback, or max_standby_streaming_delay.',
      noValue: noStandby,
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins) (increase(pg_db_confl_confl_snapshot{${inServers}}[10m]))`,
          legend: '{{ins}} old snapshot',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_db_confl_confl_lock{${inServers}}[10m]))`,
          legend: '{{ins}} lock',
        },
        {
          expr: `sum by (cls, ins) (increase(pg_db_confl_confl_bufferpin{${inServers}}[10m]))`,
          legend: '{{ins}} pinned buffer',
        },
      ],
      link: toInstance,
    },
    {
      kind: 'table',
      width: 24,
      height: 7,
      title: 'What is wrong with the clusters',
      description:
        'What the collector found when it compared the reports of all members, and about how many of them.',
      noValue: 'Nothing is wrong, or nothing reports the health of these servers.',
      unit: 'count',
      labels: { cls: { title: 'Cluster' }, severity: { title: 'Severity' }, code: { title: 'Finding' } },
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
