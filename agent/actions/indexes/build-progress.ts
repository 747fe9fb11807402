import type { ActionContext } from '../action.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { lookMs } from './find-index.ts'
import { waitsFor } from './drop-statement.ts'

const text = `
select phase,
       round(100.0 * case when blocks_total > 0 then blocks_done / blocks_total::numeric
                          when tuples_total > 0 then tuples_done / tuples_total::numeric end),
       lockers_done, lockers_total
  from pg_stat_progress_create_index
 where pid = $1::int`

/** Tells how far CREATE INDEX or REINDEX of a process is, and for whom it waits. @throws PgherdError of the session */
export async function tellBuild(
  context: Pick<ActionContext, 'progress'>,
  session: ActionSession,
  pid: string,
): Promise<void> {
  const { rows } = await session.read({ text, values: [pid] }, lookMs)
  const [phase, percent, done, total] = rows[0] ?? []
  const isWaiting = phase == null || phase.startsWith('waiting')
  const whom = isWaiting ? await waitsFor(session, pid) : undefined
  if (phase == null && whom === undefined) return
  const count = isWaiting && Number(total) > 0 ? ` (${done} of ${total} transactions)` : ''
  context.progress(
    percent == null ? null : Number(percent),
    `${phase ?? 'waits for a lock'}${count}${whom === undefined ? '' : `: ${whom}`}`,
  )
}

const holders = `
select count(*), max(clock_timestamp() - xact_start)::text,
       (array_agg(format('%s of %s, for %s', pid, usename, date_trunc('seconds', clock_timestamp() - xact_start))
                  order by xact_start))[1]
  from pg_stat_activity
 where datname = current_database() and xact_start < clock_timestamp() - interval '5 seconds'
   and pid <> pg_backend_pid() and backend_type = 'client backend'
   and (backend_xmin is not null or backend_xid is not null or state like 'idle in transaction%')`

/** Transactions that a build would have to wait for now, in a line for a plan; undefined where there are none. @throws PgherdError of the session */
export async function oldTransactions(session: ActionSession): Promise<string | undefined> {
  const { rows } = await session.read({ text: holders }, lookMs)
  const [count, , oldest] = rows[0] ?? []
  if (Number(count) === 0 || oldest == null) return undefined
  return `waits for ${count === '1' ? 'a transaction that goes' : `${count} transactions that go`} on: the oldest is that of process ${oldest}`
}
