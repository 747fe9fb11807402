import type { Row } from '../../kit/panel.ts'
import { toInstance } from '../../kit/links.ts'
import { rateBy } from '../../kit/expressions.ts'
import { whenLong } from '../../kit/long-ranges.ts'
import { inServers } from '../../kit/variables.ts'

const half = { kind: 'lines', width: 12, height: 8 } as const
const firstRate = 'A rate needs two measurements; the first appears after 20 s.'
const noPressure = 'The kernel tells no pressure: it is older than 4.20, or was started without psi=1.'

const pressureOf = (resource: string, kind: string): string =>
  `max by (cls, ins) (rate(node_pressure_${resource}_${kind}_seconds_total{${inServers}}[$__rate_interval]))`

export const cpu: Row = {
  title: 'CPU',
  panels: [
    {
      ...half,
      title: 'CPU busy',
      description: 'Part of all CPUs of each machine that was not idle.',
      noValue: firstRate,
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `1 - avg by (cls, ins) (rate(node_cpu_seconds_total{${inServers},mode="idle"}[$__rate_interval]))`,
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      stack: true,
      title: 'CPU by mode',
      description:
        'What the CPUs of the chosen machines did: user is PostgreSQL computing, iowait is waiting for disks, steal is what the hypervisor kept.',
      noValue: firstRate,
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `avg by (mode) (rate(node_cpu_seconds_total{${inServers},mode!="idle"}[$__rate_interval]))`,
          legend: '{{mode}}',
        },
      ],
      colours: {
        user: 'blue',
        system: 'orange',
        iowait: 'vermilion',
        steal: 'purple',
        softirq: 'sky',
        irq: 'yellow',
        nice: 'green',
      },
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      title: 'Load average',
      description:
        'Processes that ran or waited for a CPU or a disk, on average over one minute, per CPU. Above 1 they wait.',
      noValue: firstRate,
      unit: 'count',
      queries: [
        {
          expr: `max by (cls, ins) (node_load1{${inServers}}) / count by (cls, ins) (node_cpu_seconds_total{${inServers},mode="idle"})`,
          recorded: `max by (cls, ins) (avg_over_time(node_load1{${whenLong(inServers)}}[$__interval])) / max by (cls, ins) (max_over_time(node:node_cpu:count{${whenLong(inServers)}}[$__interval]))`,
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 1, tone: 'warn' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Pressure',
      description:
        'Part of the time in which at least one process waited for CPU, disk or memory. Of memory even a little is much.',
      noValue: noPressure,
      unit: 'ratio',
      min: 0,
      queries: [
        { expr: pressureOf('cpu', 'waiting'), legend: '{{ins}} CPU' },
        { expr: pressureOf('io', 'waiting'), legend: '{{ins}} disk' },
        { expr: pressureOf('memory', 'waiting'), legend: '{{ins}} memory' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Switches and interrupts',
      description: 'Context switches and interrupts per second.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [
        { expr: rateBy('cls, ins', 'node_context_switches_total', inServers), legend: '{{ins}} switches' },
        { expr: rateBy('cls, ins', 'node_intr_total', inServers), legend: '{{ins}} interrupts' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Processes',
      description:
        'Processes that run or are ready to, and those that wait for a disk without being interruptible.',
      noValue: firstRate,
      unit: 'count',
      queries: [
        { expr: `max by (cls, ins) (node_procs_running{${inServers}})`, legend: '{{ins}} running' },
        { expr: `max by (cls, ins) (node_procs_blocked{${inServers}})`, legend: '{{ins}} blocked' },
      ],
      link: toInstance,
    },
  ],
}
