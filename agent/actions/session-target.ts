import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import { actionApplicationName } from '../postgres/action-session.ts'
import type { ActionSession } from '../postgres/action-session.ts'
import { applicationName } from '../postgres/connection.ts'
import type { Statement } from '../postgres/result-table.ts'
import { shortText } from './short-text.ts'

const instant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d(:?\d\d)?)$/,
    'allowed: an instant as `show activity` shows it, such as 2026-11-27 02:31:12.123456+00',
  )

/** Names one session so that neither a reused process id nor a newer transaction can be meant. */
export const sessionArgs = z.strictObject({
  pid: z
    .int()
    .positive()
    .max(2 ** 31 - 1)
    .describe('process id of the session'),
  backend_start: instant.describe('when the session began, as `show activity` shows it'),
  xact_start: z
    .union([instant, z.literal('any')])
    .nullable()
    .default(null)
    .describe(
      'when its transaction began, as shown; left out: it must be in none; `any`: whatever it is in by now',
    ),
})
export type SessionArgs = z.infer<typeof sessionArgs>

/** Other processes belong to the server itself. */
const signalled = ['client backend', 'autovacuum worker', 'parallel worker', 'walsender']
const readTimeoutMs = 3_000

/** $1 pid, $2 backend_start, $3 xact_start or `any`, $4 names of our own sessions, $5 kinds of processes. */
const isThisSession = `a.backend_start = $2::timestamptz
   and case when $3 = 'any' then true else a.xact_start is not distinct from nullif($3, '')::timestamptz end`

/** Signals that session and no other: what names it is checked by the statement that signals. One row, or none. */
export function signalStatement(
  call: 'pg_cancel_backend' | 'pg_terminate_backend',
  args: SessionArgs,
): Statement {
  return {
    text: `
select ${call}(a.pid), a.query_start::text
  from pg_stat_activity a
 where a.pid = $1::int
   and ${isThisSession}
   and a.pid <> pg_backend_pid()
   and a.application_name <> all ($4::text[])
   and a.backend_type = any ($5::text[])`,
    values: valuesOf(args),
  }
}

function valuesOf({ pid, backend_start, xact_start }: SessionArgs): NonNullable<Statement['values']> {
  return [
    String(pid),
    backend_start,
    xact_start ?? '',
    [applicationName, actionApplicationName],
    signalled,
  ] as const
}

const look = `
select ${isThisSession},
       a.application_name = any ($4::text[]) or a.pid = pg_backend_pid(),
       a.backend_type = any ($5::text[]),
       case when (select rolsuper from pg_roles where rolname = current_user) then true
            when t.rolsuper or t.rolname is null then false
            else pg_has_role(t.oid, 'usage') or pg_has_role('pg_signal_backend', 'usage') end,
       a.backend_type, a.usename, a.datname, a.application_name,
       coalesce(host(a.client_addr), 'a socket'),
       a.backend_start::text, a.xact_start::text, a.query_start::text, a.state, left(a.query, 1000),
       coalesce(t.rolsuper, false),
       array_to_string(
         array(select b.pid from pg_stat_activity b
                where b.wait_event_type = 'Lock' and a.pid = any (pg_blocking_pids(b.pid))), ', ')
  from pg_stat_activity a
  left join pg_roles t on t.oid = a.usesysid
 where a.pid = $1::int`

export interface FoundSession {
  readonly description: string
  readonly isSuperuser: boolean
  readonly maySignal: boolean
  /** Lines about what it does and whom it holds up. */
  readonly lines: readonly string[]
}

/** The session that is meant. @throws PgherdError NOT_FOUND or REFUSED, with a sentence why it is not to be signalled */
export async function findSession(session: ActionSession, args: SessionArgs): Promise<FoundSession> {
  const { rows } = await session.read({ text: look, values: valuesOf(args) }, readTimeoutMs)
  const [row] = rows
  const { pid } = args
  if (row === undefined) {
    throw new PgherdError(
      'NOT_FOUND',
      `no session has the process id ${pid}: it is gone; nothing was signalled`,
    )
  }
  const [isMeant, isOurs, isSignalled, maySignal, type, user, database, application] = row
  const [client, began, transaction, asked, state, query, isSuperuser, blocks] = row.slice(8)
  if (began == null) {
    throw new PgherdError(
      'REFUSED',
      `this role may not see when session ${pid} began, so that it cannot be told from another; it takes: GRANT pg_monitor`,
    )
  }
  const description = `${pid} (${type}, user ${user ?? 'none'}, database ${database ?? 'none'}, application "${application ?? ''}", from ${client}, since ${began})`
  if (isMeant !== 't') throw otherSession(args, description, began, transaction ?? null)
  if (isOurs === 't') throw new PgherdError('REFUSED', `session ${description} is pgherd's own`)
  if (isSignalled !== 't') {
    throw new PgherdError(
      'REFUSED',
      `process ${description} belongs to the server itself; nothing was signalled`,
    )
  }
  return {
    description,
    isSuperuser: isSuperuser === 't',
    maySignal: maySignal === 't',
    lines: [
      `state: ${state ?? 'none'}; transaction since ${transaction ?? '(none)'}; statement since ${asked ?? '(none)'}`,
      `statement: ${shortText(query ?? '')}`,
      blocks == null || blocks === '' ? 'it holds up nobody' : `waiting for it: ${blocks}`,
    ],
  }
}

function otherSession(
  { pid, backend_start, xact_start }: SessionArgs,
  description: string,
  began: string,
  transaction: string | null,
): PgherdError {
  const isSameStart = Date.parse(began) === Date.parse(backend_start)
  return new PgherdError(
    'NOT_FOUND',
    isSameStart && xact_start !== 'any'
      ? `session ${pid} has gone on: it is ${transaction === null ? 'in no transaction' : `in a transaction since ${transaction}`} by now, and was meant ${xact_start === null ? 'outside of one' : `in that since ${xact_start}`}; nothing was signalled`
      : `the session with process id ${pid} since ${backend_start} is gone, and its number belongs to ${description}; nothing was signalled`,
  )
}

/** What a role needs to signal that session. */
export function grantToSignal({ isSuperuser }: FoundSession): string {
  return isSuperuser
    ? 'a superuser, because the session is one of a superuser'
    : "GRANT pg_signal_backend TO the agent's role for commands"
}
