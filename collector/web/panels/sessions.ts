import { byScope, inScope } from './panel.ts'
import type { Panel } from './panel.ts'

export const sessionsByState: Panel = {
  id: 'sessions-by-state',
  title: 'Sessions by state',
  description:
    'Client sessions, all servers of the selection together. Many active ones wait for CPU, disk or locks; "idle in transaction" holds locks and keeps vacuum from cleaning up.',
  unit: 'count',
  kind: 'stack',
  withoutZeros: true,
  queries: [{ expr: `sum by (state) (pg_activity_count{${inScope}})`, legend: '{{state}}' }],
  whenEmpty: 'No client session was open.',
}

export const activeSessions: Panel = {
  id: 'active-sessions',
  title: 'Active sessions',
  description:
    'Sessions running a statement at the moment of the measurement; compare with the number of CPUs.',
  unit: 'count',
  kind: 'lines',
  queries: byScope(`sum by ($by) (pg_activity_count{${inScope},state="active"})`),
  whenEmpty: 'No session was running a statement.',
}

export const longestTransaction: Panel = {
  id: 'longest-transaction',
  title: 'Longest transaction',
  description:
    'Age of the oldest open transaction. A long one holds back vacuum on the whole cluster and keeps its locks.',
  unit: 'seconds',
  kind: 'lines',
  queries: byScope(`max by ($by) (pg_activity_max_tx_duration{${inScope}})`),
  whenEmpty: 'No transaction was open.',
}

export const locksByMode: Panel = {
  id: 'locks-by-mode',
  title: 'Locks by mode',
  description:
    'Locks held or awaited. AccessExclusiveLock blocks even readers of a table; a growing number of them is a migration, or a queue behind one.',
  unit: 'count',
  kind: 'lines',
  withoutZeros: true,
  queries: [{ expr: `sum by (mode) (pg_lock_count{${inScope}})`, legend: '{{mode}}' }],
  whenEmpty: 'No lock was held.',
}
