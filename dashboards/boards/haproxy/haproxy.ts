import { serverColumn } from '../../kit/columns.ts'
import { rateBy } from '../../kit/expressions.ts'
import { toNode } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half, small } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const noProxy =
  'No HAProxy is measured beside these servers (kind haproxy among the neighbours of the agent).'
const inProxies = `${inServers},proxy=~"$proxy"`
const by = 'cls, ins, proxy, server'

export const now: Row = {
  title: 'Now',
  panels: [
    {
      ...small,
      title: 'Servers up',
      description:
        "Servers of the chosen backends that pass their check. Of a primary's backend only the primary does.",
      noValue: noProxy,
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins, proxy) (haproxy_backend_active_servers{${inProxies}})`,
          legend: '{{proxy}}',
        },
      ],
      base: 'bad',
      steps: [{ from: 1, tone: 'good' }],
    },
    {
      ...small,
      title: 'Sessions',
      description: 'Connections that the chosen backends carry.',
      noValue: noProxy,
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins, proxy) (haproxy_backend_current_sessions{${inProxies}})`,
          legend: '{{proxy}}',
        },
      ],
    },
    {
      ...small,
      title: 'Queue',
      description: 'Connections that wait for a server of the backend.',
      noValue: noProxy,
      unit: 'count',
      queries: [
        {
          expr: `sum by (cls, ins, proxy) (haproxy_backend_current_queue{${inProxies}})`,
          legend: '{{proxy}}',
        },
      ],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...small,
      title: 'Connections of the process',
      description: 'Connections as a part of the most that HAProxy takes.',
      noValue: noProxy,
      unit: 'ratio',
      queries: [
        {
          expr: `max by (cls, ins) (haproxy_process_current_connections{${inServers}} / haproxy_process_max_connections{${inServers}})`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 0.8, tone: 'warn' },
        { from: 0.95, tone: 'bad' },
      ],
    },
    {
      ...small,
      title: 'Idle',
      description: 'Part of the time in which HAProxy had nothing to do.',
      noValue: noProxy,
      unit: 'ratio',
      queries: [
        {
          expr: `min by (cls, ins) (haproxy_process_idle_time_percent{${inServers}}) / 100`,
          legend: '{{ins}}',
        },
      ],
      base: 'bad',
      steps: [
        { from: 0.1, tone: 'warn' },
        { from: 0.3, tone: 'good' },
      ],
    },
    {
      ...small,
      title: 'Up for',
      description: 'Time since HAProxy started; a reload starts another process.',
      noValue: noProxy,
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins) (timestamp(haproxy_process_start_time_seconds{${inServers}}) - haproxy_process_start_time_seconds{${inServers}})`,
          legend: '{{ins}}',
        },
      ],
      base: 'calm',
    },
  ],
}

export const backends: Row = {
  title: 'Backends',
  panels: [
    {
      kind: 'timeline',
      width: 24,
      height: 8,
      title: 'Servers that take connections',
      description:
        "Which server of each backend passed its check. The line of a primary's backend moves with a failover.",
      noValue: noProxy,
      unit: 'count',
      states: [
        { value: 0, text: 'down', tone: 'unknown' },
        { value: 1, text: 'up', tone: 'good' },
      ],
      queries: [
        {
          expr: `max by (${by}) (haproxy_server_status{${inProxies},state="UP"})`,
          legend: '{{ins}} {{proxy}} {{server}}',
        },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'New sessions',
      description: 'Connections per second to each server.',
      noValue: noProxy,
      unit: 'perSecond',
      queries: [
        {
          expr: rateBy(by, 'haproxy_server_sessions_total', inProxies),
          legend: '{{ins}} {{proxy}} {{server}}',
        },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Sessions',
      description: 'Connections that each server carries.',
      noValue: noProxy,
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (haproxy_server_current_sessions{${inProxies}})`,
          legend: '{{ins}} {{proxy}} {{server}}',
        },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Traffic',
      description: 'Bytes per second to the servers of each backend and from them; from them is below zero.',
      noValue: noProxy,
      unit: 'bytesPerSecond',
      mirrored: '/ from$/',
      queries: [
        {
          expr: rateBy('cls, ins, proxy', 'haproxy_backend_bytes_in_total', inProxies),
          legend: '{{ins}} {{proxy}} to',
        },
        {
          expr: rateBy('cls, ins, proxy', 'haproxy_backend_bytes_out_total', inProxies),
          legend: '{{ins}} {{proxy}} from',
        },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Errors',
      description:
        'Connections to servers that failed, and those that had to be given to another one, per second.',
      noValue: noProxy,
      unit: 'perSecond',
      queries: [
        {
          expr: rateBy('cls, ins, proxy', 'haproxy_backend_connection_errors_total', inProxies),
          legend: '{{ins}} {{proxy}} failed',
        },
        {
          expr: rateBy('cls, ins, proxy', 'haproxy_backend_redispatch_warnings_total', inProxies),
          legend: '{{ins}} {{proxy}} given to another',
        },
      ],
      steps: [{ from: 1, tone: 'warn' }],
      link: toNode,
    },
    {
      ...half,
      title: 'Checks that failed',
      description:
        "Checks of each server that failed within ten minutes. A standby in a primary's backend fails each of them, and is right to.",
      noValue: noProxy,
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (increase(haproxy_server_check_failures_total{${inProxies}}[10m]))`,
          legend: '{{ins}} {{proxy}} {{server}}',
        },
      ],
      link: toNode,
    },
    {
      ...half,
      title: 'Connections that were refused',
      description: 'Connections per second that the frontends refused by rule.',
      noValue: noProxy,
      unit: 'perSecond',
      queries: [
        {
          expr: rateBy('cls, ins, proxy', 'haproxy_frontend_denied_connections_total', inServers),
          legend: '{{ins}} {{proxy}}',
        },
      ],
      steps: [{ from: 1, tone: 'warn' }],
      link: toNode,
    },
    {
      kind: 'table',
      width: 24,
      height: 8,
      title: 'Servers of the backends',
      description: 'A line for each server of each backend.',
      noValue: noProxy,
      unit: 'count',
      labels: {
        cls: { title: 'Cluster' },
        ins: serverColumn,
        proxy: { title: 'Backend' },
        server: { title: 'Member' },
      },
      sortBy: { title: 'Backend', descending: false },
      values: [
        {
          title: 'Up',
          expr: `max by (${by}) (haproxy_server_status{${inProxies},state="UP"})`,
          states: [
            { value: 0, text: 'no', tone: 'unknown' },
            { value: 1, text: 'yes', tone: 'good' },
          ],
        },
        { title: 'Sessions', expr: `sum by (${by}) (haproxy_server_current_sessions{${inProxies}})` },
        { title: 'Weight', expr: `max by (${by}) (haproxy_server_weight{${inProxies}})` },
        {
          title: 'Down in all',
          unit: 'seconds',
          expr: `max by (${by}) (haproxy_server_downtime_seconds_total{${inProxies}})`,
        },
        {
          title: 'Last session',
          unit: 'seconds',
          expr: `max by (${by}) (haproxy_server_last_session_seconds{${inProxies}} >= 0)`,
        },
      ],
    },
  ],
}
