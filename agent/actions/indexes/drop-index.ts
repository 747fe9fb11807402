import { createBackoff } from '../../../common/backoff.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { ActionContext } from '../action.ts'
import { hasDropBegun, isBuiltAnew } from './drop-begun.ts'
import { dropConcurrently, isBusy } from './drop-statement.ts'
import { indexByOid } from './find-index.ts'
import type { DropRecord } from './ledger-record.ts'

const firstPauseMs = 1_000
const longestPauseMs = 30_000

/**
 * Drops an index, again and again while others are in the way, until it is gone.
 * @param record - its index is found by its oid each time, so that no other one of that name is hit
 * @returns how many attempts it took
 * @throws PgherdError BUSY when `patienceMs` are over, with how the index is left; REFUSED where it is called otherwise or built anew by now
 */
export async function dropIndex(
  session: ActionSession,
  record: DropRecord,
  how: Pick<ActionContext, 'clock' | 'signal' | 'progress'> & {
    readonly lockTimeoutMs: number
    readonly patienceMs: number
  },
): Promise<number> {
  const { clock, signal, lockTimeoutMs, patienceMs } = how
  const { index } = record
  const backoff = createBackoff({ firstMs: firstPauseMs, maxMs: longestPauseMs })
  const untilMs = clock.monotonic() + patienceMs
  let isDone = false
  for (let attempt = 1; ; attempt++) {
    const now = await indexByOid(session, index.oid)
    if (now === undefined) {
      if (isDone || !(await isBuiltAnew(session, index))) return attempt - 1
      throw new PgherdError(
        'REFUSED',
        `${index.sql} was built anew by somebody else just now: it is not dropped`,
      )
    }
    if (now.sql !== index.sql) throw new PgherdError('REFUSED', `${index.sql} is called ${now.sql} by now`)
    const said = `attempt ${attempt}${now.isValid ? '' : ', the index is not used any more'}`
    how.progress(null, said)
    try {
      await dropConcurrently(session, index.sql, {
        ...{ clock, signal, lockTimeoutMs },
        tell: (text) => how.progress(null, `${said}: ${text}`),
      })
      isDone = true
    } catch (error) {
      if (!isBusy(error)) throw error
      const leftMs = untilMs - clock.monotonic()
      if (leftMs <= 0) throw await outOfPatience(session, record, attempt, error)
      how.progress(null, `${said}: others were in its way for ${lockTimeoutMs / 1000} s; it is tried again`)
      await clock.sleep(Math.min(backoff.next(), leftMs), signal)
      signal.throwIfAborted()
    }
  }
}

async function outOfPatience(
  session: ActionSession,
  record: DropRecord,
  attempts: number,
  error: unknown,
): Promise<PgherdError> {
  const now = await indexByOid(session, record.index.oid)
  const left =
    now !== undefined && hasDropBegun(record, now)
      ? 'the index is there and is not used any more, but written to: the agent goes on trying to finish the drop'
      : 'nothing was changed'
  return new PgherdError(
    'BUSY',
    `${attempts} attempts found others in the way; ${left}: ${messageOf(error)}`,
    {
      cause: error,
    },
  )
}
