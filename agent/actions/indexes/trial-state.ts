import { z } from 'zod'
import type { ActionSession } from '../../postgres/action-session.ts'
import { lookMs } from './find-index.ts'
import type { TrialRecord } from './ledger-record.ts'
import { rowXidOf } from './trial-transaction.ts'

/**
 * What has become of an index on trial: `disabled` by the trial's own transaction and by nobody since; `enabled`; `gone`; `changed`, not
 * valid, but by somebody else; on a `standby` nobody can do anything about it; `undecided` while the transaction has not ended.
 */
export type TrialState = 'disabled' | 'enabled' | 'gone' | 'changed' | 'standby' | 'undecided'

const state = z.object({
  inRecovery: z.boolean(),
  isRunning: z.boolean().nullable(),
  row: z.object({ isValid: z.boolean(), rowXid: z.string() }).nullable(),
})

const text = `
select json_build_object(
         'inRecovery', pg_is_in_recovery(),
         -- One that this server has not come to yet (it lost something in a failover) cannot be asked for.
         'isRunning', case when $2::xid8 < pg_snapshot_xmax(pg_current_snapshot())
                           then pg_xact_status($2::xid8) = 'in progress' end,
         'row', (select json_build_object('isValid', indisvalid, 'rowXid', xmin::text)
                   from pg_index
                  where indexrelid = $1::oid))`

/** @param session - in the index's database @throws PgherdError of the session */
export async function trialState(
  session: ActionSession,
  { index, xid }: Pick<TrialRecord, 'index' | 'xid'>,
): Promise<TrialState> {
  const { rows } = await session.read({ text, values: [index.oid, xid] }, lookMs)
  const { inRecovery, isRunning, row } = state.parse(JSON.parse(rows[0]?.[0] ?? 'null'))
  if (isRunning === true) return 'undecided'
  if (row === null) return 'gone'
  if (row.isValid) return 'enabled'
  if (row.rowXid !== rowXidOf(xid)) return 'changed'
  return inRecovery ? 'standby' : 'disabled'
}
