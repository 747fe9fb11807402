import type { ActionContext } from '../action.ts'
import type { FoundIndex } from './find-index.ts'
import type { IndexWork } from './index-work.ts'
import { savedFrom } from './ledger-record.ts'
import type { TrialRecord } from './ledger-record.ts'
import { tableNameOf } from './table-name.ts'
import { statementsOf, takeSample } from './trial-sample.ts'
import { disable } from './trial-transaction.ts'
import { untilUnlocked } from './until-unlocked.ts'

export interface TrialAsked {
  readonly forMs: number
  readonly baselineMs: number
  readonly limits: TrialRecord['limits']
}

/**
 * Measures what there is to compare with, writes down what is about to be done, and disables the index.
 * @throws PgherdError with nothing changed, or where nobody knows: then the record is there, and is settled by `settleTrial`
 */
export async function beginTrial(
  work: IndexWork,
  context: Pick<ActionContext, 'command' | 'signal' | 'progress' | 'clock'>,
  index: FoundIndex,
  about: { readonly server: string; readonly system: string; readonly asked: TrialAsked },
): Promise<TrialRecord> {
  const { clock, command, signal } = context
  const { server, system, asked } = about
  const { session, tableOid } = index
  const keys = await statementsOf(session, tableNameOf(index.table))
  const sample = () => takeSample(session, { tableOid, keys, atMs: clock.now() })
  const before = await sample()
  context.progress(null, `looks at ${index.table} for ${asked.baselineMs / 1000} s, to compare with`)
  await clock.sleep(asked.baselineMs, signal)
  signal.throwIfAborted()
  const since = await sample()
  const recordWith = (xid: string): TrialRecord => {
    const nowMs = clock.now()
    return {
      ...{ id: command, server, kind: 'trial', state: 'starting', xid, before, since, limits: asked.limits },
      index: savedFrom(index, system),
      startedMs: nowMs,
      untilMs: nowMs + asked.forMs,
      endedMs: null,
      message: 'it is about to be disabled',
      areTold: true,
      isHurt: false,
      readings: [],
    }
  }
  let begun: TrialRecord | undefined
  const disabled = () =>
    disable(session, savedFrom(index, system), index.rowXid, {
      signal,
      async before(xid) {
        begun = recordWith(xid)
        await work.ledger.put(begun)
      },
    })
  return work.inTurn(server, async () => {
    await untilUnlocked(context, `disabling ${index.sql}`, disabled)
    const running: TrialRecord = {
      ...(begun ?? recordWith('0')),
      state: 'running',
      message: 'the planner does not use it',
    }
    await work.ledger.note(running)
    return running
  })
}
