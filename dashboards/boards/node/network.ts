import { rateBy } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { inServers } from '../../kit/variables.ts'

const half = { kind: 'lines', width: 12, height: 8 } as const
const noInterface =
  'The machine has no interface but the loopback, or a rate still lacks its second measurement.'
const outside = `${inServers},device!="lo"`
const firstRate = 'A rate needs two measurements; the first appears after 20 s.'

export const network: Row = {
  title: 'Network',
  panels: [
    {
      ...half,
      title: 'Network throughput',
      description:
        'Bytes received and sent per second over all interfaces but the loopback; sent is below zero.',
      noValue: noInterface,
      unit: 'bytesPerSecond',
      mirrored: '/ sent$/',
      queries: [
        { expr: rateBy('cls, ins', 'node_network_receive_bytes_total', outside), legend: '{{ins}} received' },
        { expr: rateBy('cls, ins', 'node_network_transmit_bytes_total', outside), legend: '{{ins}} sent' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Packets lost',
      description:
        'Packets that interfaces dropped or received and sent with errors, per second. There should be none.',
      noValue: noInterface,
      unit: 'packetsPerSecond',
      queries: [
        { expr: rateBy('cls, ins', 'node_network_receive_drop_total', outside), legend: '{{ins}} dropped' },
        {
          expr: rateBy('cls, ins', 'node_network_receive_errs_total', outside),
          legend: '{{ins}} received with errors',
        },
        {
          expr: rateBy('cls, ins', 'node_network_transmit_errs_total', outside),
          legend: '{{ins}} sent with errors',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Segments sent again',
      description:
        'Part of the TCP segments that had to be sent again. More than a hundredth is a bad network, and slows replication.',
      noValue: firstRate,
      unit: 'ratio',
      min: 0,
      queries: [
        {
          expr: `${rateBy('cls, ins', 'node_netstat_Tcp_RetransSegs', inServers)} / (${rateBy('cls, ins', 'node_netstat_Tcp_OutSegs', inServers)} > 0)`,
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 0.01, tone: 'warn' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Connections refused',
      description:
        'Connections per second that were lost because the queue of a listening socket was full: max_connections of the pooler, or net.core.somaxconn.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [
        {
          expr: rateBy('cls, ins', 'node_netstat_TcpExt_ListenOverflows', inServers),
          legend: '{{ins}} queue full',
        },
        { expr: rateBy('cls, ins', 'node_netstat_TcpExt_ListenDrops', inServers), legend: '{{ins}} dropped' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'TCP connections',
      description: 'Connections that are established, and those that wait for stray packets after their end.',
      noValue: 'No machine of this selection was measured in this time.',
      unit: 'count',
      queries: [
        {
          expr: `max by (cls, ins) (node_netstat_Tcp_CurrEstab{${inServers}})`,
          legend: '{{ins}} established',
        },
        { expr: `max by (cls, ins) (node_sockstat_TCP_tw{${inServers}})`, legend: '{{ins}} ended' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Clock',
      description:
        'By how much the clock differs from the true time as the kernel estimates it. Backups, certificates and failover need it right.',
      noValue: 'The kernel tells nothing of the clock here.',
      unit: 'seconds',
      queries: [{ expr: `max by (cls, ins) (node_timex_offset_seconds{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
  ],
}
