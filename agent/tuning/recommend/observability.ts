import { draft } from './draft.ts'
import type { Draft } from './draft.ts'
import type { Situation } from './situation.ts'

const statements = 'pg_stat_statements'

/** What makes the advice of later possible, and costs little. */
export function chooseObservability({ server }: Situation): readonly Draft[] {
  const table = [
    [
      'track_io_timing',
      'on',
      'how long reads take tells a slow disk from a small cache',
      'the clock is read twice per block; slow on machines without a clock source such as tsc',
    ],
    [
      'track_wal_io_timing',
      'on',
      'how long WAL takes to be flushed is what commits wait for',
      'the clock is read twice per flush',
    ],
    [
      'track_cost_delay_timing',
      'on',
      'how long autovacuum sleeps tells whether its limit is too low',
      'the clock is read twice per sleep',
    ],
    ['log_checkpoints', 'on', 'each one says what made it and how long it took', 'a line per checkpoint'],
    [
      'log_lock_waits',
      'on',
      'who waits longer than deadlock_timeout, and for whom',
      'a line per wait of more than a second',
    ],
    [
      'log_temp_files',
      '10MB',
      'which statements did not fit into work_mem',
      'a line per temporary file of that size',
    ],
    ['log_autovacuum_min_duration', '10s', 'which tables keep autovacuum busy', 'a line per long run'],
    ['compute_query_id', 'auto', 'statements have their number as soon as a library asks for it', 'none'],
  ] as const
  const effect = 'the server says what its settings do'
  const drafts = table.map(([name, value, reason, risk]) =>
    draft(name, value, { reason, risk, effect, evidence: 'none needed' }),
  )
  const libraries = server.settings.get('shared_preload_libraries')?.value ?? ''
  if (!server.availableExtensions.has(statements) || libraries.includes(statements)) return drafts
  return [
    ...drafts,
    draft('shared_preload_libraries', libraries === '' ? statements : `${libraries}, ${statements}`, {
      reason: 'nothing else tells which statements take the time, and the library is there',
      evidence: 'pg_available_extensions',
      risk: 'a library that is not there keeps the server from starting',
      effect: 'statistics of each kind of statement, for about 2 % of the time of short ones',
    }),
  ]
}
