import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { ActionContext } from '../action.ts'
import { serverRefusal } from '../server-refusal.ts'
import { whileLooking } from '../while-looking.ts'
import { tellBuild } from './build-progress.ts'
import { dayMs, dropConcurrently, processOf } from './drop-statement.ts'
import { lookForIndex, lookMs } from './find-index.ts'
import type { IndexFacts } from './find-index.ts'
import { isSameDefinition } from './index-problems.ts'
import type { DropRecord, SavedIndex } from './ledger-record.ts'
import { buildStatement, completeRestore, quotedName } from './restored-index.ts'

/** Why an index cannot be built anew now, a sentence each, and what is there under its name. */
export async function problemsOfRestore(
  server: ActionSession,
  session: ActionSession,
  index: SavedIndex,
): Promise<{ readonly problems: readonly string[]; readonly there: IndexFacts | undefined }> {
  const there = await lookForIndex(session, quotedName(index))
  const isSame = there !== undefined && isSameDefinition(there.definition, index.definition)
  return {
    there,
    problems: [
      ...(server.inRecovery ? ['this is a standby: an index is built on the primary'] : []),
      ...(index.system === (server.systemIdentifier ?? '')
        ? []
        : ['it was an index of another server (system identifier)']),
      ...((await hasTable(session, index.table)) ? [] : [`its table ${index.table} is gone`]),
      ...((await hasTablespace(session, index.tablespace))
        ? []
        : [
            `its tablespace ${index.tablespace} is gone: create one of that name, or build it by hand elsewhere: ${index.definition}`,
          ]),
      ...(there === undefined || (isSame && !there.isValid)
        ? []
        : [`there is an index ${there.sql} again: ${there.definition}`]),
      ...(there?.builtBy == null ? [] : [`process ${there.builtBy} builds an index of its table now`]),
    ],
  }
}

/** The database's own is always there. */
async function hasTablespace(session: ActionSession, tablespace: string): Promise<boolean> {
  if (tablespace === '') return true
  const asked = { text: 'select from pg_tablespace where spcname = $1', values: [tablespace] }
  return (await session.read(asked, lookMs)).rows.length > 0
}

async function hasTable(session: ActionSession, table: string): Promise<boolean> {
  const { rows } = await session.read({ text: 'select to_regclass($1)', values: [table] }, lookMs)
  return rows[0]?.[0] != null
}

/**
 * Builds a dropped index anew while others read and write, and gives it what its definition does not say.
 * @returns what could not be restored, half a sentence each
 * @throws PgherdError with what is left of it dropped, or left to the agent to drop
 */
export async function restoreIndex(
  context: Pick<ActionContext, 'clock' | 'signal' | 'progress'>,
  session: ActionSession,
  { index }: DropRecord,
  how: { readonly server: ActionSession; readonly patienceMs: number; readonly left: IndexFacts | undefined },
): Promise<readonly string[]> {
  const { clock, signal } = context
  const { server, patienceMs, left } = how
  const options = { timeoutMs: dayMs, lockTimeoutMs: patienceMs, signal }
  if (left !== undefined) {
    context.progress(null, `drops ${left.sql}, which an earlier attempt has left`)
    await dropConcurrently(session, left.sql, { clock, signal, lockTimeoutMs: patienceMs })
  }
  const pid = await processOf(session)
  // A definition says where its rows go only in part: the place of WHERE and TABLESPACE need not be found so.
  await session.change(
    {
      text: `select set_config('default_tablespace', $1, false)`,
      values: [index.tablespace],
    },
    { timeoutMs: lookMs, signal },
  )
  try {
    await whileLooking(context, session.change({ text: buildStatement(index.definition) }, options), () =>
      tellBuild(context, server, pid),
    )
  } catch (error) {
    const known = serverRefusal(error, 'to own the table, and CREATE on its schema and tablespace')
    if (known.code !== 'BUSY') throw known
    throw new PgherdError(
      'BUSY',
      `others were in its way for longer than ${patienceMs / 1000} s (patience_s): ${messageOf(error)}`,
      { cause: error },
    )
  }
  return completeRestore(session, index, signal)
}
