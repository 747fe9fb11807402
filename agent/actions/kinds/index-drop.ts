import { z } from 'zod'
import { PgherdError, messageOf, toPgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { hasDropBegun } from '../indexes/drop-begun.ts'
import { dropIndex } from '../indexes/drop-index.ts'
import { indexArgs, indexByOid } from '../indexes/find-index.ts'
import { definitionProblem, problemsOfDrop, refuseFor } from '../indexes/index-problems.ts'
import type { Problems } from '../indexes/index-problems.ts'
import { askedIndex, linesAbout, refusalLines } from '../indexes/index-session.ts'
import type { AskedIndex } from '../indexes/index-session.ts'
import { savedTable } from '../indexes/index-tables.ts'
import { workOf } from '../indexes/index-work.ts'
import type { IndexWork } from '../indexes/index-work.ts'
import { openTrialsOf, problemsOfTrials } from '../indexes/keep-indexes.ts'
import { isAbout, savedFrom } from '../indexes/ledger-record.ts'
import type { DropRecord } from '../indexes/ledger-record.ts'
import { measureIndex } from '../indexes/measure-index.ts'
import { shellWord } from '../indexes/shell-word.ts'
import { printSize } from '../indexes/print-size.ts'

const args = z.strictObject({
  ...indexArgs,
  definition: z
    .string()
    .min(10)
    .max(10_000)
    .optional()
    .describe('as it was seen, or sha256:<beginning of its hash>: another index is not dropped'),
  allow_fk: z.boolean().default(false).describe('although it serves a foreign key'),
  allow_unique: z.boolean().default(false).describe('although it keeps out duplicates'),
  lock_timeout_s: z
    .number()
    .min(0.1)
    .max(600)
    .default(10)
    .describe('seconds that one attempt waits for others; a vacuum of the table waits behind it so long'),
  patience_s: z.int().min(0).max(86_400).default(1_800).describe('seconds in which it is tried again'),
})
type Args = z.infer<typeof args>

export const indexDrop = (given: IndexWork | undefined): Action<Args> => ({
  kind: 'index-drop',
  what: 'drop an index CONCURRENTLY, with everything saved that it is built of again',
  risk: 'destructive',
  target: 'server',
  args,
  deadlineMs: 6 * 3_600_000,
  examples: [
    'run index-drop -n pg-main-1 index=public.orders_note_idx database=shop',
    'run index-drop -n pg-main-1 index=public.orders_note_idx definition=sha256:4f1d09c2',
  ],
  mayBeLeft:
    'the next start of the agent finishes a drop that had begun; agentctl index saved has the definition',
  async plan(context, asked) {
    const work = workOf(given)
    const found = await askedIndex(context, asked)
    const { index } = found
    const size = await measureIndex(index.session, index)
    const problems = problemsOf(work, found, asked)
    return [
      ...linesAbout(index, printSize(size)),
      `saves its definition, comment, tablespace and statistics targets on this host, then runs: drop index concurrently ${index.sql}`,
      `frees ${printSize(size)}${index.standbys === 0 ? '' : `, on each of ${index.standbys} standbys as well`}; reads and writes of ${index.table} go on`,
      `waits for transactions that have used ${index.table}, ${asked.lock_timeout_s} s at a time, and tries again for ${asked.patience_s} s`,
      ...(index.vacuumedBy === null
        ? []
        : [`process ${index.vacuumedBy} vacuums the table now, which has to end first`]),
      ...(index.foreignKeys.length === 0 ? [] : [`it serves foreign keys: ${index.foreignKeys.join(', ')}`]),
      ...(index.hasExpressions
        ? ['the statistics of its expressions go with it: plans may change that never used the index']
        : []),
      `to have it back: agentctl index restore ${context.node} ${shellWord(index.sql)}, which builds it anew`,
      ...refusalLines(problems),
    ]
  },
  async run(context, asked) {
    const work = workOf(given)
    const found = await askedIndex(context, asked)
    const { index, name, system } = found
    refuseFor('index-drop', index.sql, problemsOf(work, found, asked))
    const sizeBytes = await measureIndex(index.session, index)
    const isOnTrial = !index.isValid && openTrialsOf(work, name).some((one) => isAbout(one, index))
    const record: DropRecord = {
      ...{ id: context.command, server: name, kind: 'drop', state: 'dropping', endedMs: null },
      // One on trial is valid but for that.
      index: { ...savedFrom(index, system), sizeBytes, ...(isOnTrial ? { isValid: true } : {}) },
      ...(isOnTrial ? { trialRowXid: index.rowXid } : {}),
      startedMs: context.clock.now(),
      message: 'it is being dropped',
    }
    work.busy.add(record.id)
    try {
      await work.ledger.put(record)
      const attempts = await dropIndex(index.session, record, {
        clock: context.clock,
        signal: context.signal,
        progress: (percent, text) => context.progress(percent, text),
        lockTimeoutMs: asked.lock_timeout_s * 1_000,
        patienceMs: asked.patience_s * 1_000,
      })
      const seconds = ((context.clock.now() - record.startedMs) / 1_000).toFixed(1)
      const dropped: DropRecord = {
        ...record,
        state: 'dropped',
        endedMs: context.clock.now(),
        message: `dropped in ${seconds} s, in ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}`,
      }
      await work.ledger.note(dropped)
      return {
        message: `Dropped ${index.sql} (${printSize(sizeBytes)}) in ${seconds} s; agentctl index restore ${context.node} ${record.id.slice(0, 8)} builds it anew.`,
        output: [savedTable([dropped])],
        before: index.oid,
      }
    } catch (error) {
      // What it has left is told and finished by the agent, also after this command.
      const told = await withState(index.session, record, error)
      await work.ledger.note({ ...record, message: messageOf(told) })
      throw told
    } finally {
      work.busy.delete(record.id)
    }
  },
  async verify(context, { database }, done) {
    const server = await context.session()
    const session = database === undefined ? server : await server.database(database)
    const left = await indexByOid(session, done.before ?? '0')
    if (left === undefined) return [`the server has no such index any more`]
    throw new PgherdError('REFUSED', `${left.sql} is still there`)
  },
})

function problemsOf(work: IndexWork, { index, server, name }: AskedIndex, asked: Args): Problems {
  return [
    ...problemsOfTrials(work, name, index),
    ...problemsOfDrop(index, server.inRecovery, {
      foreignKeys: asked.allow_fk,
      unique: asked.allow_unique,
    }),
    ...definitionProblem(index, asked.definition),
  ]
}

/** A drop that has begun ends with the index gone, also one that was cancelled: who reads the error has to know. */
async function withState(session: ActionSession, record: DropRecord, error: unknown): Promise<unknown> {
  const known = toPgherdError(error)
  if (known.code === 'BUSY' || known.code === 'REFUSED') return known
  const now = await indexByOid(session, record.index.oid).catch(() => undefined)
  if (now === undefined || !hasDropBegun(record, now)) return known
  const left = 'its drop had begun, so that no query uses it any more: the agent finishes it'
  return new PgherdError(known.code, `${known.message}; ${left}`, { cause: error })
}
