import { byScope, inScope } from './panel.ts'
import type { Panel } from './panel.ts'

export const walWritten: Panel = {
  id: 'wal-written',
  title: 'WAL written',
  description: 'Write-ahead log per second: what has to be archived, sent to standbys and replayed there.',
  unit: 'bytes/s',
  kind: 'lines',
  queries: byScope(`sum by ($by) (rate(pg_wal_bytes{${inScope}}[$__rate_interval]))`),
  whenEmpty: 'PostgreSQL counts WAL since version 14; older servers show nothing here.',
}

export const checkpoints: Panel = {
  id: 'checkpoints',
  title: 'Checkpoints within 10 min',
  description:
    'Checkpoints started in the ten minutes before each point. Requested ones come from max_wal_size being too small for the load, or from a backup.',
  unit: 'count',
  kind: 'lines',
  queries: [
    { expr: `sum by ($by) (increase(pg_checkpointer_timed{${inScope}}[10m]))`, legend: '{{$by}} scheduled' },
    { expr: `sum by ($by) (increase(pg_checkpointer_req{${inScope}}[10m]))`, legend: '{{$by}} requested' },
  ],
  whenEmpty: 'The first checkpoint counter needs two measurements.',
}

export const lagSeconds: Panel = {
  id: 'lag-seconds',
  title: 'Replication lag in time',
  description:
    'How long ago the last replayed transaction was committed on the primary; zero when a standby has replayed all it received.',
  unit: 'seconds',
  kind: 'lines',
  queries: byScope(`max by ($by) (pg_lag{${inScope}} and pg_is_in_recovery{${inScope}} == 1)`),
  whenEmpty: 'Measured on standbys: this selection has none that answers.',
}

export const lagBytes: Panel = {
  id: 'lag-bytes',
  title: 'Replication lag in bytes',
  description:
    'WAL that the primary has written and a standby has not replayed yet: what a failover now would have to catch up on, or lose.',
  unit: 'bytes',
  kind: 'lines',
  queries: [
    { expr: `max by ($by, appname) (pg_repl_replay_diff{${inScope}})`, legend: '{{$by}} to {{appname}}' },
  ],
  whenEmpty: 'Measured on the sending server: nothing in this selection streams to a standby.',
}
