import type { ActionSession } from '../../postgres/action-session.ts'
import { closeTrial, endTrial, settleAs } from './end-trial.ts'
import type { IndexWork } from './index-work.ts'
import { countsAnew, judgeTrial } from './judge-trial.ts'
import type { TrialRecord } from './ledger-record.ts'
import { longestRunning, takeSample } from './trial-sample.ts'
import { trialState } from './trial-state.ts'
import { refuseOther, whyGone } from './why-gone.ts'

/** So many looks in a row have to find the same before a trial is ended for it. */
const worseInARow = 2

/** What is kept of a trial between two looks. */
export interface TrialMemory {
  worse: number
  /** Of the first look, on the clock that nobody sets: a clock that is set back does not make a trial longer. */
  readonly firstMs: number
}

/**
 * One look at a trial, and what follows from it: it goes on, or ends, because its time is over, because it hurts, or because somebody has
 * enabled or dropped the index.
 * @throws PgherdError while the server does not answer, or does not let it be ended: it is to be called again
 */
export async function lookAtTrial(
  work: IndexWork,
  trial: TrialRecord,
  memory: TrialMemory,
  signal: AbortSignal,
): Promise<TrialRecord> {
  const { clock } = work
  const { database } = trial.index
  const withSession = async <T>(use: (session: ActionSession) => Promise<T>): Promise<T> => {
    await using server = await work.open(trial.server)
    refuseOther(server, trial.index)
    return await use(await server.database(database))
  }
  const end = (why: string, isHurt: boolean): Promise<TrialRecord> =>
    withSession((session) => endTrial(work, session, trial, { why, isHurt, signal }))
  {
    await using server = await work.open(trial.server, { readsOverMeasuring: true })
    const gone = await whyGone(server, trial.index)
    if (gone !== undefined) return await closeTrial(work, trial, gone)
    const session = await server.database(database)
    const state = await trialState(session, trial)
    if (state === 'standby' || state === 'undecided')
      return await settleAs(work, session, trial, state, signal)
    if (state !== 'disabled') return await withSession((own) => settleAs(work, own, trial, state, signal))
    const isInTime =
      clock.now() < trial.untilMs && clock.monotonic() - memory.firstMs < trial.untilMs - trial.startedMs
    if (trial.state === 'running' && isInTime) {
      const keys = Object.keys(trial.since.statements)
      const sample = await takeSample(session, { tableOid: trial.index.tableOid, keys, atMs: clock.now() })
      if (countsAnew(trial.since, sample)) {
        return noted(work, { ...trial, before: sample, since: { ...sample, statements: {} } })
      }
      const readings = judgeTrial(trial, sample, await longestRunning(session, keys))
      const isWorse = readings.some((one) => one.isWorse)
      memory.worse = isWorse ? memory.worse + 1 : 0
      const seen = { ...trial, readings: [...readings] }
      if (memory.worse < worseInARow) return noted(work, seen)
      trial = noted(work, seen)
    }
  }
  if (trial.state === 'starting') return end('the agent or its command ended while it was begun', false)
  if (trial.state === 'ending') return end(trial.message, trial.isHurt)
  if (memory.worse < worseInARow) return end('its time is over', false)
  const worse = trial.readings.filter((one) => one.isWorse)
  const told = worse.map(
    ({ what, before, since, most }) => `${what} ${since} (before ${before}, at most ${most})`,
  )
  return end(`it hurts: ${told.join('; ')}`, true)
}

function noted(work: IndexWork, trial: TrialRecord): TrialRecord {
  work.ledger.hold(trial)
  return trial
}
