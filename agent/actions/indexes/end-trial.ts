import { toPgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { tellAudit } from './index-work.ts'
import type { IndexWork } from './index-work.ts'
import type { TrialRecord } from './ledger-record.ts'
import { shellWord } from './shell-word.ts'
import { enable, haveSessionsPlan } from './trial-transaction.ts'
import { trialState } from './trial-state.ts'
import type { TrialState } from './trial-state.ts'

/** A trial that hurts does not wait for a vacuum that holds the lock. */
const attemptsWithLock = 3
const pauseMs = 500

const saidOf: Readonly<Record<Exclude<TrialState, 'disabled' | 'standby' | 'undecided'>, string>> = {
  enabled:
    'the index is valid again, and nothing is written of this agent having done it: VACUUM FULL, CLUSTER and REINDEX do that, and so do a hand and an agent that ended on a full disk',
  gone: 'the index is gone: somebody has dropped it or built it anew',
  changed:
    'the index is not valid, but somebody else has changed its row since (an unfinished DROP INDEX CONCURRENTLY or REINDEX does that): it is left as it is',
}

/**
 * Gives the index back to the planner and ends the trial; what somebody else has done meanwhile stays. Where the lock for telling the
 * sessions is not to be had the trial stays `ending` until they are told.
 * @param session - of its database, with the rights of commands
 * @param why - half a sentence
 * @throws PgherdError when it could not be done now: then it is `ending`, and to be tried again
 */
export async function endTrial(
  work: IndexWork,
  session: ActionSession,
  trial: TrialRecord,
  about: { readonly why: string; readonly isHurt: boolean; readonly signal: AbortSignal },
): Promise<TrialRecord> {
  const { ledger, clock } = work
  const { why, isHurt, signal } = about
  const ending: TrialRecord = { ...trial, state: 'ending', message: why, isHurt: trial.isHurt || isHurt }
  await ledger.note(ending)
  for (let attempt = 1; attempt <= attemptsWithLock; attempt++) {
    const state = await trialState(session, trial)
    if (state !== 'disabled') return settleAs(work, session, ending, state, signal)
    try {
      const isDone = await enable(session, trial.index, trial.xid, { tells: true, signal })
      if (isDone)
        return await closeTrial(work, { ...ending, areTold: true }, `${why}; the planner uses it again`)
    } catch (error) {
      if (toPgherdError(error).code !== 'BUSY') throw error
      await clock.sleep(pauseMs, signal)
      signal.throwIfAborted()
    }
  }
  await enable(session, trial.index, trial.xid, { tells: false, signal })
  const untold = {
    ...ending,
    areTold: false,
    message: `${why}; the planner uses it again, and sessions that had planned without it are told once ${trial.index.table} is not locked`,
  }
  await ledger.note(untold)
  return untold
}

/**
 * What follows from where an index is that is not to be disabled any longer, or is not any more.
 * @throws PgherdError BUSY while sessions cannot be told
 */
export async function settleAs(
  work: IndexWork,
  session: ActionSession,
  trial: TrialRecord,
  state: Exclude<TrialState, 'disabled'>,
  signal: AbortSignal,
): Promise<TrialRecord> {
  if (state === 'undecided') return trial
  if (state === 'standby') {
    const message = messageOfStandby(trial)
    if (trial.message === message) return trial
    const told = { ...trial, message }
    await work.ledger.note(told)
    work.log.error({ server: trial.server, trial: trial.id }, `indexes: ${message}`)
    return told
  }
  const isOurs = trial.state === 'ending' && state === 'enabled'
  if (isOurs && !trial.areTold) {
    await haveSessionsPlan(session, trial.index.tableOid, signal)
    return closeTrial(
      work,
      { ...trial, areTold: true },
      'the planner uses it again, and all sessions are told',
    )
  }
  // Its transaction has not come about.
  if (trial.state === 'starting' && state === 'enabled') return closeTrial(work, trial, 'it was not disabled')
  return closeTrial(work, trial, isOurs ? `${trial.message}; the planner uses it again` : saidOf[state])
}

function messageOfStandby({ index, xid }: TrialRecord): string {
  return `this server is a standby now, and the index stays disabled on the new primary; there: agentctl index trial-end <node> ${shellWord(index.sql)} --database ${shellWord(index.database)} --xid ${xid}`
}

/** Ends a trial in the ledger, and tells the log and the audit. */
export async function closeTrial(work: IndexWork, trial: TrialRecord, message: string): Promise<TrialRecord> {
  const { id, server, index, isHurt } = trial
  const ended: TrialRecord = { ...trial, state: 'over', message, endedMs: work.clock.now() }
  await work.ledger.note(ended)
  const about = { server, trial: id, index: index.sql, isHurt }
  if (isHurt) work.log.warn(about, `indexes: a trial is over: ${message}`)
  else work.log.info(about, `indexes: a trial is over: ${message}`)
  tellAudit(work, {
    server,
    event: isHurt ? 'undone' : 'finished',
    what: `trial ${id} of the index ${index.sql} in ${index.database}`,
    outcome: message,
  })
  return ended
}
