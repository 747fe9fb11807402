import { PgherdError } from '../../../common/errors.ts'
import type { ActionSession, ChangeOptions } from '../../postgres/action-session.ts'
import { serverRefusal } from '../server-refusal.ts'
import { lookMs } from './find-index.ts'
import type { SavedIndex } from './ledger-record.ts'

/** Longer than the moment that a lock should take; others do not wait behind it, but for vacuums and changes of the table. */
const lockTimeoutMs = 1_000
const grant = 'a superuser'

/**
 * An option of a table that it does not have, so that taking it away changes nothing: what it does is to tell all sessions that they have
 * to plan anew. A row of pg_index tells only what looks at the index.
 */
const harmlessOptions = ['log_autovacuum_min_duration', 'toast_tuple_target', 'autovacuum_vacuum_cost_limit']

/**
 * Keeps the planner from an index, with all sessions told, in one transaction.
 * @param before - awaited with the transaction's number (xid8), before anything is changed; when it throws, nothing is
 * @throws PgherdError BUSY where the lock was not to be had, REFUSED where the row is no longer as it was seen
 */
export async function disable(
  session: ActionSession,
  index: SavedIndex,
  rowXid: string,
  options: { readonly signal: AbortSignal; readonly before: (xid: string) => Promise<void> },
): Promise<void> {
  await inTransaction(session, options.signal, async (change) => {
    await change(await tellSessions(session, index.tableOid))
    const { rows } = await change('select pg_current_xact_id()::text')
    await options.before(rows[0]?.[0] ?? '')
    // The row as it was seen, and nothing that must never be disabled: once more, in the statement that does it.
    const done = await change(`
update pg_index
   set indisvalid = false
 where indexrelid = ${index.oid} and indrelid = ${index.tableOid} and xmin::text = '${rowXid}'
   and indisvalid and indisready and indislive
   and not (indisunique or indisprimary or indisexclusion or indisclustered or indisreplident or indcheckxmin)
returning indexrelid`)
    if (done.rows.length === 0) {
      throw new PgherdError('REFUSED', `${index.sql} was changed by somebody else just now`)
    }
  })
}

/**
 * Gives an index back to the planner that the transaction `xid` has disabled; where somebody has changed its row since, nothing is done.
 * @param tells - all sessions as well, for which it needs a lock
 * @returns whether it did
 * @throws PgherdError BUSY where `tells` and the lock was not to be had
 */
export async function enable(
  session: ActionSession,
  index: Pick<SavedIndex, 'oid' | 'tableOid'>,
  xid: string,
  { tells, signal }: { readonly tells: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  const statement = `
update pg_index
   set indisvalid = true
 where indexrelid = ${index.oid} and indrelid = ${index.tableOid} and xmin::text = '${rowXidOf(xid)}'
   and not indisvalid and indisready and indislive
returning indexrelid`
  let isDone = false
  await inTransaction(session, signal, async (change) => {
    if (tells) await change(await tellSessions(session, index.tableOid))
    isDone = (await change(statement)).rows.length > 0
  })
  return isDone
}

/** Has all sessions plan anew what names the table. @throws PgherdError BUSY where the lock was not to be had */
export async function haveSessionsPlan(
  session: ActionSession,
  tableOid: string,
  signal: AbortSignal,
): Promise<void> {
  const text = await tellSessions(session, tableOid)
  await changeWith(session, { timeoutMs: lookMs, lockTimeoutMs, signal })(text)
}

/** Of a row: its xmin is the lower half of the transaction's number. */
export function rowXidOf(xid: string): string {
  return String(BigInt(xid) & 0xffff_ffffn)
}

async function tellSessions(session: ActionSession, tableOid: string): Promise<string> {
  const { rows } = await session.read(
    {
      text: `select format('%I.%I', n.nspname, c.relname),
                    (select o from unnest($2::text[]) o
                      where not exists (select from unnest(c.reloptions) h where h like o || '=%') limit 1)
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.oid = $1::oid`,
      values: [tableOid, harmlessOptions],
    },
    lookMs,
  )
  const [table, option] = rows[0] ?? []
  if (table == null) throw new PgherdError('NOT_FOUND', 'its table is gone')
  if (option == null) {
    throw new PgherdError('NOT_SUPPORTED', `${table} has all of the options ${harmlessOptions.join(', ')}`)
  }
  return `alter table only ${table} reset (${option})`
}

type Change = (text: string) => ReturnType<ActionSession['change']>

const changeWith =
  (session: ActionSession, options: ChangeOptions): Change =>
  (text) =>
    session.change({ text }, options).catch((error: unknown) => {
      throw serverRefusal(error, grant)
    })

async function inTransaction(
  session: ActionSession,
  signal: AbortSignal,
  work: (change: Change) => Promise<void>,
): Promise<void> {
  const change = changeWith(session, { timeoutMs: lookMs, lockTimeoutMs, signal })
  await change('begin')
  try {
    await work(change)
    signal.throwIfAborted()
  } catch (error) {
    // Without a signal: it may be what has aborted. A connection that is gone has rolled back by itself.
    const last = { timeoutMs: lookMs, signal: new AbortController().signal }
    await session.change({ text: 'rollback' }, last).catch(() => undefined)
    throw error
  }
  await change('commit')
}
