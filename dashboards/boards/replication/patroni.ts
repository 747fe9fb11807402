import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const noPatroni = 'No Patroni is measured beside these servers (neighbours in the agent).'
const noEtcd = 'No etcd is measured beside these servers (neighbours in the agent).'

export const patroni: Row = {
  title: 'Patroni, etcd and the address',
  panels: [
    {
      kind: 'timeline',
      width: 12,
      height: 7,
      title: 'Leader by Patroni',
      description: 'Which member Patroni runs as the primary.',
      noValue: noPatroni,
      unit: 'count',
      states: [
        { value: 0, text: 'replica', tone: 'calm' },
        { value: 1, text: 'leader', tone: 'good' },
      ],
      queries: [{ expr: `max by (cls, ins) (patroni_primary{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      kind: 'timeline',
      width: 12,
      height: 7,
      title: 'Patroni is paused',
      description: 'While it is paused Patroni fails over to nobody.',
      noValue: noPatroni,
      unit: 'count',
      states: [
        { value: 0, text: 'no', tone: 'good' },
        { value: 1, text: 'paused', tone: 'warn' },
      ],
      queries: [{ expr: `max by (cls, ins) (patroni_is_paused{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Last contact with etcd',
      description: 'How long ago Patroni last spoke with its store. After ttl it demotes a primary.',
      noValue: noPatroni,
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins) (timestamp(patroni_dcs_last_seen{${inServers}}) - patroni_dcs_last_seen{${inServers}})`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 15, tone: 'warn' },
        { from: 30, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Members that wait for a restart',
      description: 'Members whose Patroni says that a setting waits for a restart.',
      noValue: noPatroni,
      unit: 'count',
      queries: [{ expr: `max by (cls, ins) (patroni_pending_restart{${inServers}})`, legend: '{{ins}}' }],
      steps: [{ from: 1, tone: 'warn' }],
      link: { board: 'tuning', title: 'Show its settings', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Members of etcd with a leader',
      description: 'Members that know a leader. Without a majority of them Patroni can promote nobody.',
      noValue: noEtcd,
      unit: 'count',
      queries: [{ expr: `max by (cls, ins) (etcd_server_has_leader{${inServers}})`, legend: '{{ins}}' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Changes of the leader of etcd',
      description:
        'Changes that each member saw within an hour. Several an hour are a slow disk or a bad network.',
      noValue: noEtcd,
      unit: 'count',
      queries: [
        {
          expr: `max by (cls, ins) (increase(etcd_server_leader_changes_seen_total{${inServers}}[1h]))`,
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 3, tone: 'warn' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Disk of etcd',
      description:
        'How long etcd waits until its log is on disk: 99 of 100 times less than this. Above a hundredth of a second it is in danger.',
      noValue: noEtcd,
      unit: 'seconds',
      queries: [
        {
          expr: `histogram_quantile(0.99, sum by (cls, ins, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket{${inServers}}[5m])))`,
          legend: '{{ins}}',
        },
      ],
      steps: [
        { from: 0.01, tone: 'warn' },
        { from: 0.1, tone: 'bad' },
      ],
      link: { board: 'disk', title: 'Show its disks', labels: ['cls', 'ins'] },
    },
    {
      kind: 'timeline',
      width: 12,
      height: 8,
      title: 'Who has the address',
      description:
        'Which machine has the virtual address that clients connect to, by the agent or by keepalived.',
      noValue: 'No agent watches an address (kind vip or keepalived among its neighbours).',
      unit: 'count',
      states: [
        { value: 0, text: 'not here', tone: 'calm' },
        { value: 1, text: 'here', tone: 'good' },
      ],
      queries: [
        { expr: `max by (cls, ins) (pgherd_vip_owned{${inServers}})`, legend: '{{ins}}' },
        {
          expr: `max by (cls, ins) (keepalived_vrrp_state{${inServers}} == bool 2)`,
          legend: '{{ins}} keepalived',
        },
      ],
      link: toInstance,
    },
  ],
}
