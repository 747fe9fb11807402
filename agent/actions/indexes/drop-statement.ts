import { toPgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { serverRefusal } from '../server-refusal.ts'
import { whileLooking } from '../while-looking.ts'
import type { ActionContext } from '../action.ts'
import { lookMs } from './find-index.ts'

/** The command's own deadline ends it earlier. */
export const dayMs = 86_400_000
const grant = 'to own the table'

const blockers = `
select string_agg(format('%s of %s, in a transaction for %s', a.pid, a.usename,
                         date_trunc('seconds', clock_timestamp() - a.xact_start)), '; ' order by a.xact_start)
  from pg_stat_activity a
 where a.pid = any (pg_blocking_pids($1::int))`

/** Whom the statement of a process waits for, in words; undefined where for nobody. @throws PgherdError of the session */
export async function waitsFor(session: ActionSession, pid: string): Promise<string | undefined> {
  const { rows } = await session.read({ text: blockers, values: [pid] }, lookMs)
  return rows[0]?.[0] ?? undefined
}

/** The process that a session's statements are carried out by. @throws PgherdError of the session */
export async function processOf(session: ActionSession): Promise<string> {
  const { rows } = await session.read({ text: 'select pg_backend_pid()' }, lookMs)
  return rows[0]?.[0] ?? '0'
}

/**
 * DROP INDEX CONCURRENTLY once. Others go on reading and writing; it waits for transactions that have used the table.
 * @param sql - the index as the server quotes it
 * @param server - asked meanwhile whom it waits for
 * @throws PgherdError BUSY where it had to wait longer than `lockTimeoutMs`: the index may be there then, and not valid any more
 */
export async function dropConcurrently(
  session: ActionSession,
  sql: string,
  how: Pick<ActionContext, 'clock' | 'signal'> & {
    readonly lockTimeoutMs: number
    readonly tell?: (text: string) => void
  },
): Promise<void> {
  const { clock, signal, lockTimeoutMs, tell } = how
  const pid = await processOf(session)
  const work = session.change(
    { text: `drop index concurrently if exists ${sql}` },
    { timeoutMs: dayMs, lockTimeoutMs, signal },
  )
  try {
    await whileLooking({ clock }, work, async () => {
      const whom = tell === undefined ? undefined : await waitsFor(session, pid)
      if (whom !== undefined) tell?.(`waits for ${whom}`)
    })
  } catch (error) {
    throw serverRefusal(error, grant)
  }
}

/** Whether a statement found others in its way, and may be tried again. */
export function isBusy(error: unknown): boolean {
  return toPgherdError(error).code === 'BUSY'
}
