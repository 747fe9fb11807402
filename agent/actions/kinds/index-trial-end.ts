import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext, ActionDone } from '../action.ts'
import { closeTrial, endTrial } from '../indexes/end-trial.ts'
import { findIndex, indexArgs } from '../indexes/find-index.ts'
import { trialTable } from '../indexes/index-tables.ts'
import { workOf } from '../indexes/index-work.ts'
import type { IndexWork } from '../indexes/index-work.ts'
import { openTrialsOf } from '../indexes/keep-indexes.ts'
import type { TrialRecord } from '../indexes/ledger-record.ts'
import { trialState } from '../indexes/trial-state.ts'
import { enable, rowXidOf } from '../indexes/trial-transaction.ts'
import { whyGone } from '../indexes/why-gone.ts'
import { untilUnlocked } from '../indexes/until-unlocked.ts'
import { printMoment } from '../output-table.ts'
import { serverOf } from '../server-of.ts'

const args = z.strictObject({
  ...indexArgs,
  xid: z
    .string()
    .regex(/^\d{1,20}$/, 'the number that the trial has told')
    .optional()
    .describe(
      'of the transaction that disabled it, where that was done on another member that was the primary',
    ),
})
type Args = z.infer<typeof args>

export const indexTrialEnd = (given: IndexWork | undefined): Action<Args> => ({
  kind: 'index-trial-end',
  what: 'enable an index again that is on trial, and no other one',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 180_000,
  examples: [
    'run index-trial-end -n pg-main-1 index=public.orders_note_idx database=shop',
    'run index-trial-end -n pg-main-2 index=public.orders_note_idx xid=48213',
  ],
  mayBeLeft: 'the agent goes on with it',
  async plan(context, asked) {
    const trial = trialOf(workOf(given), context, asked)
    if (asked.xid !== undefined) return planOfOther(context, asked)
    if (trial === undefined) throw noTrial(asked)
    const server = await context.session()
    const state = await trialState(await server.database(trial.index.database), trial)
    return [
      `${trial.index.sql} is on trial since ${printMoment(trial.startedMs)} (${trial.message})`,
      state === 'disabled'
        ? 'sets indisvalid to true, and has all sessions plan anew'
        : `it is ${state} by now: nothing is changed`,
      ...(state === 'standby'
        ? ['REFUSED: this is a standby: it is ended on the primary, with its xid']
        : []),
    ]
  },
  async run(context, asked) {
    const work = workOf(given)
    if (asked.xid !== undefined) return endOfOther(context, asked, asked.xid)
    const name = serverOf(context)
    const ended = await work.inTurn(name, async () => {
      const trial = trialOf(work, context, asked)
      if (trial === undefined) throw noTrial(asked)
      const server = await context.session()
      const gone = await whyGone(server, trial.index)
      if (gone !== undefined) return closeTrial(work, trial, gone)
      if (server.inRecovery) {
        throw new PgherdError(
          'REFUSED',
          `this is a standby: the trial is ended on the primary, there with xid=${trial.xid}`,
        )
      }
      const session = await server.database(trial.index.database)
      return endTrial(work, session, trial, {
        ...{ why: `ended by the command ${context.command}`, isHurt: false, signal: context.signal },
      })
    })
    return { message: `${ended.index.sql}: ${ended.message}.`, output: [trialTable([ended])] }
  },
})

/** The one of this host's ledger that goes on. */
function trialOf(
  work: IndexWork,
  context: Pick<ActionContext, 'server'>,
  { index, database }: Args,
): TrialRecord | undefined {
  const named = openTrialsOf(work, serverOf(context)).filter(
    (one) =>
      (one.index.sql === index || `${one.index.schema}.${one.index.name}` === index) &&
      (database === undefined || one.index.database === database),
  )
  if (named.length <= 1) return named[0]
  throw new PgherdError('BAD_REQUEST', `${index} is on trial in several databases; allowed: database as well`)
}

function noTrial({ index }: Args): PgherdError {
  return new PgherdError(
    'NOT_FOUND',
    `${index} is on no trial of this host; one of another member that was the primary is ended by its xid`,
  )
}

/** @throws PgherdError REFUSED where nothing says that the index was disabled by that trial */
async function askOther(context: Pick<ActionContext, 'session'>, asked: Args, xid: string) {
  const server = await context.session()
  if (server.inRecovery) throw new PgherdError('REFUSED', 'this is a standby: it is ended on the primary')
  const index = await findIndex(server, asked)
  if (!index.isSuperuser)
    throw new PgherdError('REFUSED', 'it takes a superuser: pg_index is written by hand')
  if (!index.isValid && index.rowXid === rowXidOf(xid)) return index
  throw new PgherdError(
    'REFUSED',
    `${index.sql} is ${index.isValid ? 'valid' : `not valid, but the transaction ${index.rowXid} has changed it last, and not ${rowXidOf(xid)}`}: nothing is changed`,
  )
}

async function planOfOther(context: ActionContext, asked: Args): Promise<readonly string[]> {
  const index = await askOther(context, asked, asked.xid ?? '')
  return [
    `${index.sql} was disabled by that transaction: sets indisvalid to true, and has all sessions plan anew`,
  ]
}

async function endOfOther(context: ActionContext, asked: Args, xid: string): Promise<ActionDone> {
  const index = await askOther(context, asked, xid)
  const isDone = await untilUnlocked(context, `enabling ${index.sql}`, () =>
    enable(index.session, index, xid, { tells: true, signal: context.signal }),
  )
  if (!isDone) throw new PgherdError('REFUSED', `${index.sql} was changed by somebody else just now`)
  return { message: `The planner uses ${index.sql} again.`, output: [] }
}
