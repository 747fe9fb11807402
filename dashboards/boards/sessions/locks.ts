import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { half } from '../../kit/sizes.ts'
import { inDatabases, inServers } from '../../kit/variables.ts'

export const locks: Row = {
  title: 'Locks and waits',
  panels: [
    {
      ...half,
      title: 'Sessions that wait for a lock',
      description:
        'Sessions that wait for a lock, and those at the head of the queue, which wait for nobody: end one of these and the queue moves.',
      noValue: 'No session waits for a lock.',
      unit: 'count',
      queries: [
        { expr: `sum by (cls, ins) (pg_blocking_sessions{${inDatabases}})`, legend: '{{ins}} wait' },
        { expr: `sum by (cls, ins) (pg_blocking_roots{${inDatabases}})`, legend: '{{ins}} at the head' },
      ],
      steps: [{ from: 1, tone: 'warn' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Longest wait for a lock',
      description:
        'For how long the session that waits longest has waited; before PostgreSQL 14 since its statement began.',
      noValue: 'No session waits for a lock.',
      unit: 'seconds',
      queries: [{ expr: `max by (cls, ins) (pg_blocking_max_seconds{${inDatabases}})`, legend: '{{ins}}' }],
      steps: [
        { from: 10, tone: 'warn' },
        { from: 60, tone: 'bad' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Locks by mode',
      description:
        'Locks held or awaited. AccessExclusiveLock blocks even readers of a table; a growing number of them is a migration, or a queue behind one.',
      noValue: 'No lock was held.',
      unit: 'count',
      queries: [{ expr: `sum by (mode) (pg_lock_count{${inDatabases}}) > 0`, legend: '{{mode}}' }],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      title: 'Locks awaited by mode',
      description: 'Locks that somebody waits for, by the mode that is asked for.',
      noValue: 'No lock is awaited.',
      unit: 'count',
      queries: [{ expr: `sum by (mode) (pg_lock_waiting{${inDatabases}}) > 0`, legend: '{{mode}}' }],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      stack: true,
      title: 'What processes wait for',
      description:
        'Processes by kind of wait, without those that wait for work or for their client. IO is a disk, Lock another session, LWLock and BufferPin the server itself.',
      noValue: 'No process waited for anything but work.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (event) (pg_wait_count{${inServers},event!~"Activity|Client|Running|Extension"})`,
          legend: '{{event}}',
        },
      ],
      link: { board: 'instance', title: 'Show the servers', labels: [] },
    },
    {
      ...half,
      title: 'Deadlocks',
      description: 'Transactions that were ended because each waited for the other, within ten minutes.',
      noValue: 'The first counter needs two measurements.',
      unit: 'count',
      queries: [
        { expr: `sum by (cls, ins) (increase(pg_db_deadlocks{${inDatabases}}[10m]))`, legend: '{{ins}}' },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'Who holds back vacuum',
      description:
        'Transactions since the oldest one that somebody may still want to see, by who: a session, a standby, a slot, a prepared transaction. Rows that died since cannot be removed.',
      noValue: 'The server has not answered yet.',
      unit: 'count',
      queries: [
        { expr: `max by (cls, ins, holder) (pg_xmin_age{${inServers}})`, legend: '{{ins}} {{holder}}' },
      ],
      steps: [{ from: 1_000_000, tone: 'warn' }],
      link: { board: 'vacuum', title: 'Show its vacuum', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'For how long it is held back',
      description: 'The same in seconds.',
      noValue: 'The server has not answered yet.',
      unit: 'seconds',
      queries: [
        {
          expr: `max by (cls, ins, holder) (pg_xmin_age_seconds{${inServers}})`,
          legend: '{{ins}} {{holder}}',
        },
      ],
      steps: [{ from: 3600, tone: 'warn' }],
      link: { board: 'vacuum', title: 'Show its vacuum', labels: ['cls', 'ins'] },
    },
  ],
}
