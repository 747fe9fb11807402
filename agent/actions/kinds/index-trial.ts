import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext } from '../action.ts'
import { beginTrial } from '../indexes/begin-trial.ts'
import { indexArgs } from '../indexes/find-index.ts'
import { definitionProblem, problemsOfTrial, refuseFor } from '../indexes/index-problems.ts'
import { askedIndex, linesAbout, refusalLines } from '../indexes/index-session.ts'
import { trialTable } from '../indexes/index-tables.ts'
import { workOf } from '../indexes/index-work.ts'
import type { IndexWork } from '../indexes/index-work.ts'
import { openTrialsOf, problemsOfDrops } from '../indexes/keep-indexes.ts'
import { measureIndex } from '../indexes/measure-index.ts'
import { shellWord } from '../indexes/shell-word.ts'
import { printSize } from '../indexes/print-size.ts'
import { tableNameOf } from '../indexes/table-name.ts'
import { trialState } from '../indexes/trial-state.ts'
import {
  baselineArg,
  boundArg,
  dangerArg,
  dangerLines,
  durationMs,
  forArg,
  problemsOfStandbys,
  scansArg,
  standbysArg,
} from '../indexes/trial-args.ts'
import { statementsOf, statementsSchema } from '../indexes/trial-sample.ts'
import { printMoment } from '../output-table.ts'

const args = z.strictObject({
  ...indexArgs,
  danger: dangerArg,
  for: forArg,
  definition: z
    .string()
    .min(10)
    .max(10_000)
    .optional()
    .describe('as it was seen, or sha256:<beginning of its hash>'),
  scans: scansArg,
  bound: boundArg,
  baseline_s: baselineArg,
  standbys: standbysArg,
})
type Args = z.infer<typeof args>

export const indexTrial = (given: IndexWork | undefined): Action<Args> => ({
  kind: 'index-trial',
  what: 'keep the planner from an index for some time, watched, and taken back by itself; pg_index is updated by hand',
  risk: 'destructive',
  mustBeNamed: true,
  target: 'server',
  args,
  deadlineMs: 3_900_000,
  examples: [
    'run index-trial -n pg-main-1 index=public.orders_note_idx danger=updates-pg_index-by-hand',
    'run index-trial -n pg-main-1 index=public.orders_note_idx danger=updates-pg_index-by-hand for=2h scans=5',
  ],
  mayBeLeft: 'the next start of the agent asks the server whether it was disabled, and enables it again',
  async plan(context, asked) {
    const { index, problems } = await lookAt(workOf(given), context, asked)
    const size = printSize(await measureIndex(index.session, index))
    const statements = await watchedLine(index)
    return [
      ...dangerLines(index.table),
      ...linesAbout(index, size),
      `looks at ${index.table} for ${asked.baseline_s} s, then sets indisvalid to false and has all sessions plan anew, in one transaction (alter table ... reset of an option that ${index.table} does not have)`,
      `plans are made without it for ${asked.for}${index.standbys === 0 ? '' : `, on ${index.standbys} standbys as well`}; the agent enables it again then, also when it was killed or its host was started anew meanwhile`,
      `watched: more than ${asked.scans} sequential scans of ${index.table} beyond those before end it; ${statements}`,
      `to end it before: agentctl index trial-end ${context.node} ${shellWord(index.sql)}`,
      ...refusalLines(problems),
    ]
  },
  async run(context, asked) {
    const work = workOf(given)
    const { index, problems, name, system } = await lookAt(work, context, asked)
    refuseFor('index-trial', index.sql, problems)
    work.busy.add(context.command)
    try {
      const trial = await beginTrial(work, context, index, {
        server: name,
        system,
        asked: {
          forMs: durationMs(asked.for) ?? 0,
          baselineMs: asked.baseline_s * 1_000,
          limits: { scans: asked.scans, bound: asked.bound },
        },
      })
      return {
        message: `The planner does not use ${index.sql} until ${printMoment(trial.untilMs)}, unless it hurts; agentctl index trial-end ${context.node} ${shellWord(index.sql)} ends it before.`,
        output: [trialTable([trial])],
      }
    } finally {
      work.busy.delete(context.command)
    }
  },
  async verify(context, asked) {
    const { index, name } = await askedIndex(context, asked)
    const trial = openTrialsOf(workOf(given), name).find(({ id }) => id === context.command)
    const state = trial && (await trialState(index.session, trial))
    if (state !== 'disabled') throw new PgherdError('REFUSED', `${index.sql} is ${state ?? 'on no trial'}`)
    return [`the server has it as not valid, by the transaction ${trial?.xid ?? ''} of this trial`]
  },
})

async function lookAt(work: IndexWork, context: Pick<ActionContext, 'session' | 'server'>, asked: Args) {
  const found = await askedIndex(context, asked)
  const { index, server, name } = found
  const others = openTrialsOf(work, name).filter(
    (one) => one.index.database === index.database && one.index.tableOid === index.tableOid,
  )
  return {
    ...found,
    problems: [
      ...others.map((one) => `${one.index.sql} of the same table is on trial (${one.id})`),
      ...problemsOfTrial(index, server.inRecovery),
      ...problemsOfDrops(work, name, index),
      ...problemsOfStandbys(index.standbys, asked.standbys),
      ...definitionProblem(index, asked.definition),
    ],
  }
}

async function watchedLine(index: Awaited<ReturnType<typeof askedIndex>>['index']): Promise<string> {
  if ((await statementsSchema(index.session)) === undefined) {
    return 'pg_stat_statements is not in its database, or not for this role, so that no time of statements is compared'
  }
  const { length } = await statementsOf(index.session, tableNameOf(index.table))
  return `and so does a worse mean time of one of ${length} statements that name it`
}
