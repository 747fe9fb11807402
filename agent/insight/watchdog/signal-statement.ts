import type { Statement } from '../../postgres/result-table.ts'
import { isOrMayBecomeSuperuser } from './look-query.ts'
import { protectedApplications } from './protection.ts'
import type { Case } from './cases.ts'
import type { SessionVerdict } from './verdict.ts'

/** How long the server itself waits for the end of a session, since PostgreSQL 14. */
export const waitForEndMs = 2_000

/**
 * Signals the session that was judged and no other: whose it is, what it is in, and what protects sessions from every rule is asked by the
 * very statement that signals. One row, or none where it has gone on, ended, or given its process id to another.
 * @param versionNumber as server_version_num
 */
export function signalStatement(
  { session, rule, step }: Pick<SessionVerdict, 'session' | 'rule' | 'step'>,
  versionNumber: number,
): Statement {
  const { pid, backendStart, transactionStart, queryStart, stateChange, wait: event, copiedBytes } = session
  const isOfTransaction =
    transactionStart !== null && (rule.case === 'long-transaction' || rule.case === 'lock-head')
  // A cancel is for this statement. What ends a transaction is for all of its statements.
  const asksStatement = step === 'cancel' || !isOfTransaction
  // Within one statement a session goes from waiting for its client to work, which none of its times shows.
  const asksWait = clientCases.has(rule.case)
  const copy =
    rule.case === 'copy-stalled' && copiedBytes !== null
      ? `
   and exists (select from pg_stat_progress_copy c where c.pid = a.pid and c.bytes_processed = ${copiedBytes})`
      : ''
  const wait = versionNumber >= 140_000 ? `, ${waitForEndMs}` : ''
  const call = step === 'cancel' ? 'pg_cancel_backend(a.pid)' : `pg_terminate_backend(a.pid${wait})`
  return {
    text: `
select ${call}::text
  from pg_stat_get_activity($1::int) a
 where a.backend_start = $2::timestamptz
   and a.xact_start is not distinct from nullif($3, '')::timestamptz
   and (not $4::bool
        or (a.query_start is not distinct from nullif($5, '')::timestamptz
            and a.state_change is not distinct from nullif($6, '')::timestamptz))
   and a.backend_type = 'client backend'
   and a.state <> 'disabled'
   and a.pid <> pg_backend_pid()
   and a.wait_event_type is distinct from 'Lock'
   and ($8 = '' or $8 = a.wait_event_type || ':' || a.wait_event)${copy}
   and not exists (select from unnest($7::text[]) as begin where position(begin in lower(a.application_name)) = 1)
   and exists (select from pg_roles r where r.oid = a.usesysid and not r.rolreplication and not ${isOrMayBecomeSuperuser})`,
    values: [
      String(pid),
      backendStart,
      transactionStart ?? '',
      String(asksStatement),
      queryStart ?? '',
      stateChange ?? '',
      [...protectedApplications],
      asksWait ? event : '',
    ],
  }
}

const clientCases: ReadonlySet<Case> = new Set<Case>(['client-read', 'client-write', 'copy-stalled'])
