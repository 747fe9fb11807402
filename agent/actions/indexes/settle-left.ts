import { PgherdError, messageOf, toPgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { hasDropBegun, isBuiltAnew } from './drop-begun.ts'
import { dropConcurrently } from './drop-statement.ts'
import { indexByOid, lookForIndex } from './find-index.ts'
import { tellAudit } from './index-work.ts'
import type { IndexWork } from './index-work.ts'
import { leftOfReindex } from './leftovers.ts'
import type { DropRecord, ReindexRecord } from './ledger-record.ts'
import { refuseOther, whyGone } from './why-gone.ts'
import { completeRestore, leftOfRestore, quotedName } from './restored-index.ts'

/** It is tried again soon, so that no vacuum has to wait behind it for long. */
const lockTimeoutMs = 2_000

/**
 * What a command has left whose agent was killed, or that gave up: finishes a drop that had begun, takes away what an unfinished build has
 * left, and says so.
 * @returns half a sentence; undefined where it is not over yet
 * @throws PgherdError while it cannot be done: it is to be called again
 */
export async function settleLeft(
  work: IndexWork,
  record: DropRecord | ReindexRecord,
  signal: AbortSignal,
): Promise<string | undefined> {
  await using server = await work.open(record.server)
  const gone = await whyGone(server, record.index)
  if (gone !== undefined) return await end(work, asGone(record), gone)
  refuseOther(server, record.index)
  // What was done on the primary comes here by itself, or was not done.
  if (server.inRecovery) return undefined
  return await settleIn(work, await server.database(record.index.database), record, signal)
}

/**
 * What a command leaves that fails; what cannot be done of it now the agent goes on with.
 * @param session - of its database, with the rights of commands
 * @returns the error that it has failed with, and what has become of the index
 */
export async function settleFailed(
  work: IndexWork,
  session: ActionSession,
  record: DropRecord | ReindexRecord,
  error: unknown,
): Promise<unknown> {
  await work.ledger.note({ ...record, message: messageOf(error) })
  // Of its own: the command's may be what has ended it.
  const { signal } = new AbortController()
  const said = await settleIn(work, session, record, signal).catch(() => undefined)
  if (said === undefined) return error
  return new PgherdError(toPgherdError(error).code, `${messageOf(error)}; ${said}`, { cause: error })
}

async function settleIn(
  work: IndexWork,
  session: ActionSession,
  record: DropRecord | ReindexRecord,
  signal: AbortSignal,
): Promise<string | undefined> {
  const left = { work, session, signal }
  if (record.kind === 'reindex') return settleReindex(left, record)
  return record.state === 'restoring' ? settleRestore(left, record) : settleDrop(left, record)
}

interface Left {
  readonly work: IndexWork
  readonly session: ActionSession
  readonly signal: AbortSignal
}

async function settleDrop({ work, session, signal }: Left, record: DropRecord): Promise<string | undefined> {
  const { index } = record
  const now = await indexByOid(session, index.oid)
  if (now === undefined) {
    return (await isBuiltAnew(session, index))
      ? end(work, { ...record, state: 'kept' }, `${index.sql} was built anew by somebody else, and is there`)
      : end(work, { ...record, state: 'dropped' }, `${index.sql} was dropped`)
  }
  if (!hasDropBegun(record, now) || now.sql !== index.sql) {
    return end(work, { ...record, state: 'kept' }, `${index.sql} was not dropped`)
  }
  if (now.builtBy !== null) return undefined
  await dropConcurrently(session, now.sql, { clock: work.clock, signal, lockTimeoutMs })
  return end(
    work,
    { ...record, state: 'dropped' },
    `the drop of ${index.sql} had begun, so that it was not valid any more, and is finished now`,
  )
}

async function settleRestore(
  { work, session, signal }: Left,
  record: DropRecord,
): Promise<string | undefined> {
  const { index } = record
  const left = await leftOfRestore(session, index)
  if (left === 'built by somebody') return undefined
  if (left === 'none') {
    return end(
      work,
      { ...record, state: 'dropped' },
      `${index.sql} was not built anew, and nothing is left of that`,
    )
  }
  if (left.isValid) {
    const lines = await completeRestore(session, index, signal)
    return end(work, { ...record, state: 'restored' }, [`${index.sql} was built anew`, ...lines].join('; '))
  }
  await dropConcurrently(session, left.sql, { clock: work.clock, signal, lockTimeoutMs })
  return end(
    work,
    { ...record, state: 'dropped' },
    `${index.sql} was not built to its end, and what was left of it is dropped`,
  )
}

async function settleReindex(
  { work, session, signal }: Left,
  record: ReindexRecord,
): Promise<string | undefined> {
  const { index } = record
  const { names, isBuilding } = await leftOfReindex(session, index)
  if (isBuilding) return undefined
  const now = await lookForIndex(session, quotedName(index))
  for (const sql of names) await dropConcurrently(session, sql, { clock: work.clock, signal, lockTimeoutMs })
  const said =
    names.length === 0 ? 'nothing is left of it' : `what was left of it is dropped: ${names.join(', ')}`
  // The new one has the name and another oid.
  const isBuilt = now !== undefined && now.isValid && now.oid !== index.oid
  const how = isBuilt ? 'was built anew' : 'was not built anew to its end'
  return end(work, { ...record, state: isBuilt ? 'built' : 'failed' }, `${index.sql} ${how}; ${said}`)
}

function asGone(record: DropRecord | ReindexRecord): DropRecord | ReindexRecord {
  if (record.kind === 'reindex') return { ...record, state: 'failed' }
  return { ...record, state: record.state === 'restoring' ? 'dropped' : 'kept' }
}

/** Ends it in the ledger, and tells the log and the audit. @returns `message` */
async function end(work: IndexWork, record: DropRecord | ReindexRecord, message: string): Promise<string> {
  await work.ledger.note({ ...record, message, endedMs: work.clock.now() })
  work.log.warn({ server: record.server, id: record.id, state: record.state }, `indexes: ${message}`)
  tellAudit(work, {
    server: record.server,
    event: 'undone',
    what: `${record.kind} ${record.id} of the index ${record.index.sql} in ${record.index.database}`,
    outcome: message,
  })
  return message
}
