import { serverColumn } from '../../kit/columns.ts'
import { rateBy, share } from '../../kit/expressions.ts'
import { toInstance } from '../../kit/links.ts'
import type { Row } from '../../kit/panel.ts'
import { firstMinutes, firstRate, half, small } from '../../kit/sizes.ts'
import { inServers } from '../../kit/variables.ts'

const by = 'cls, ins'
const setting = (name: string): string => `max by (${by}) (pg_setting_${name}{${inServers}})`
const memory = `max by (${by}) (node_memory_MemTotal_bytes{${inServers}})`

export const changes: Row = {
  title: 'Changes of settings',
  panels: [
    {
      ...small,
      title: 'Settings that wait for a restart',
      description: 'Settings whose new value is in the files and not in force.',
      noValue: firstMinutes,
      unit: 'count',
      queries: [{ expr: `sum by (${by}) (pg_settings_pending_restart{${inServers}})`, legend: '{{ins}}' }],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...small,
      title: 'Lines that a reload would refuse',
      description:
        'Lines of the configuration files with an error. With one of them no change of these files comes into force.',
      noValue: 'The agent may not read pg_file_settings: pgherd-agent --self-test prints the GRANT.',
      unit: 'count',
      queries: [{ expr: `sum by (${by}) (pg_config_file_errors{${inServers}})`, legend: '{{ins}}' }],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      ...small,
      title: 'Known load',
      description: 'Hours of load that the history of the agent knows, from which settings are recommended.',
      noValue: 'The agent keeps no history (tuning).',
      unit: 'count',
      queries: [{ expr: `max by (${by}) (pgherd_tuning_history_hours{${inServers}})`, legend: '{{ins}}' }],
      base: 'warn',
      steps: [{ from: 24, tone: 'good' }],
    },
    {
      ...small,
      title: 'Changes kept',
      description: 'Changes that the guard kept, since the agent started.',
      noValue: 'The agent does no tuning.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (pgherd_tuning_changes_total{${inServers},outcome="kept"})`,
          legend: '{{ins}}',
        },
      ],
    },
    {
      ...small,
      title: 'Changes taken back',
      description: 'Changes that the guard took back because the server did worse, since the agent started.',
      noValue: 'The agent does no tuning.',
      unit: 'count',
      queries: [
        {
          expr: `sum by (${by}) (pgherd_tuning_changes_total{${inServers},outcome="rolled-back"})`,
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 1, tone: 'warn' }],
    },
    {
      ...small,
      title: 'Figures that are worse',
      description: 'Figures that the guard of a change under way finds worse than its bound.',
      noValue: 'No change is being watched.',
      unit: 'count',
      queries: [{ expr: `max by (${by}) (pgherd_tuning_guard_worse{${inServers}})`, legend: '{{ins}}' }],
      steps: [{ from: 1, tone: 'bad' }],
    },
    {
      kind: 'table',
      width: 12,
      height: 7,
      title: 'Newest change of each server',
      description: 'What has become of the newest change that agentctl tune made, and when it began.',
      noValue: 'No setting was changed by agentctl tune.',
      unit: 'count',
      labels: { cls: { title: 'Cluster' }, server: { title: 'Server' }, state: { title: 'State' } },
      sortBy: { title: 'Server', descending: false },
      values: [
        {
          title: 'Began',
          unit: 'date',
          expr: `max by (cls, server, state) (pgherd_tuning_change_state{${inServers}} * on (cls, ins, server) group_left () pgherd_tuning_change_timestamp_seconds{${inServers}}) * 1000`,
        },
      ],
    },
    {
      kind: 'table',
      width: 12,
      height: 7,
      title: 'Settings that differ from what is built in',
      description:
        'Every setting with another value than the built-in one, by where it comes from. Values that are text are in SHOW and in agentctl.',
      noValue: firstMinutes,
      unit: 'count',
      labels: {
        ins: serverColumn,
        name: { title: 'Setting' },
        source: { title: 'From' },
        setting: { title: 'Value' },
        unit: { title: 'Unit' },
      },
      sortBy: { title: 'Setting', descending: false },
      values: [
        {
          title: 'Waits for a restart',
          expr: `max by (cls, ins, name, source, setting, unit) (pg_settings_pending_restart{${inServers}})`,
          states: [
            { value: 0, text: 'no', tone: 'good' },
            { value: 1, text: 'yes', tone: 'warn' },
          ],
        },
      ],
    },
  ],
}

export const signs: Row = {
  title: 'Signs that a setting does not fit',
  panels: [
    {
      ...half,
      title: 'Memory that is given away',
      description:
        'shared_buffers as a part of the memory of the machine, and what all sessions could take at once with one work_mem each.',
      noValue: 'The machine or the server was not measured.',
      unit: 'ratio',
      min: 0,
      queries: [
        { expr: `${setting('shared_buffers')} / ${memory}`, legend: '{{ins}} shared_buffers' },
        {
          expr: `${setting('work_mem')} * ${setting('max_connections')} / ${memory}`,
          legend: '{{ins}} work_mem',
        },
      ],
      steps: [{ from: 1, tone: 'bad' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'work_mem: temporary files',
      description: 'Temporary files per second. Each is a sort or a hash that did not fit work_mem.',
      noValue: firstRate,
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_db_temp_files', inServers), legend: '{{ins}}' }],
      link: { board: 'queries', title: 'Show its queries', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'max_wal_size: requested checkpoints',
      description:
        'Part of the checkpoints of an hour that were requested and not due by time. More than a few mean that max_wal_size is too small.',
      noValue: 'No checkpoint was made within an hour.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: share(
            `sum by (${by}) (increase(pg_checkpointer_req{${inServers}}[1h]))`,
            `(sum by (${by}) (increase(pg_checkpointer_req{${inServers}}[1h])) + sum by (${by}) (increase(pg_checkpointer_timed{${inServers}}[1h])))`,
          ),
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 0.3, tone: 'warn' }],
      link: { board: 'wal', title: 'Show its WAL', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'shared_buffers: pages driven out by sessions',
      description:
        'Pages per second that sessions had to drive out of shared_buffers to make room. PostgreSQL 16 and later.',
      noValue: 'PostgreSQL tells it since version 16.',
      unit: 'perSecond',
      queries: [
        {
          expr: rateBy(by, 'pg_io_evictions', `${inServers},type="client backend",object="relation"`),
          legend: '{{ins}}',
        },
      ],
      link: toInstance,
    },
    {
      ...half,
      title: 'wal_buffers: writes because they were full',
      description: 'Times per second that a session had to write WAL itself.',
      noValue: 'PostgreSQL counts WAL since version 14.',
      unit: 'perSecond',
      queries: [{ expr: rateBy(by, 'pg_wal_buffers_full', inServers), legend: '{{ins}}' }],
      link: { board: 'wal', title: 'Show its WAL', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Parallel workers that were missing',
      description:
        'Part of the parallel workers that a plan wanted and did not get: max_parallel_workers or max_worker_processes. PostgreSQL 18 and later.',
      noValue: 'PostgreSQL tells it since version 18, or no plan wanted a worker.',
      unit: 'ratio',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `1 - ${share(rateBy(by, 'pg_db_parallel_workers_launched', inServers), rateBy(by, 'pg_db_parallel_workers_to_launch', inServers))}`,
          legend: '{{ins}}',
        },
      ],
      steps: [{ from: 0.2, tone: 'warn' }],
      link: toInstance,
    },
    {
      ...half,
      title: 'Huge pages',
      description: 'Huge pages that the shared memory of the server needs, and those that the machine has.',
      noValue: 'The server is older than 15, or this machine has no huge pages.',
      unit: 'count',
      queries: [
        { expr: setting('hugepage_count'), legend: '{{ins}} needed' },
        { expr: `max by (${by}) (node_memory_HugePages_Total{${inServers}})`, legend: '{{ins}} there' },
      ],
      link: { board: 'node', title: 'Show its machine', labels: ['cls', 'ins'] },
    },
    {
      ...half,
      title: 'Memory of the control group',
      description:
        'What the control group of the server holds, and its limit, where it has one of its own. Above the limit the kernel ends processes.',
      noValue: 'The server has no control group of its own.',
      unit: 'bytes',
      queries: [
        { expr: `max by (${by}) (pgherd_cgroup_memory_current_bytes{${inServers}})`, legend: '{{ins}} held' },
        { expr: `max by (${by}) (pgherd_cgroup_memory_limit_bytes{${inServers}})`, legend: '{{ins}} limit' },
      ],
      link: { board: 'node', title: 'Show its machine', labels: ['cls', 'ins'] },
    },
  ],
}
