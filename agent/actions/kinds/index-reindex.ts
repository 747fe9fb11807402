import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext } from '../action.ts'
import { maxSizeArg, patienceArg, sizeBound } from '../indexes/build-args.ts'
import { oldTransactions, tellBuild } from '../indexes/build-progress.ts'
import { dayMs, dropConcurrently, processOf } from '../indexes/drop-statement.ts'
import { indexArgs, lookForIndex } from '../indexes/find-index.ts'
import { problemsOfReindex, refuseFor } from '../indexes/index-problems.ts'
import { askedIndex, linesAbout, refusalLines } from '../indexes/index-session.ts'
import type { AskedIndex } from '../indexes/index-session.ts'
import { spaceFor } from '../indexes/index-space.ts'
import { workOf } from '../indexes/index-work.ts'
import type { IndexWork } from '../indexes/index-work.ts'
import { problemsOfDrops, problemsOfTrials } from '../indexes/keep-indexes.ts'
import { leftOfReindex } from '../indexes/leftovers.ts'
import { savedFrom } from '../indexes/ledger-record.ts'
import type { ReindexRecord } from '../indexes/ledger-record.ts'
import { measureIndex } from '../indexes/measure-index.ts'
import { printSize } from '../indexes/print-size.ts'
import { quotedName } from '../indexes/restored-index.ts'
import { settleFailed } from '../indexes/settle-left.ts'
import { serverRefusal } from '../server-refusal.ts'
import { whileLooking } from '../while-looking.ts'

const args = z.strictObject({ ...indexArgs, max_size: maxSizeArg, patience_s: patienceArg })
type Args = z.infer<typeof args>

export const indexReindex = (given: IndexWork | undefined): Action<Args> => ({
  kind: 'index-reindex',
  what: 'build an index anew beside itself, CONCURRENTLY, for one that is bloated or not valid',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 24 * 3_600_000,
  examples: [
    'run index-reindex -n pg-main-1 index=public.orders_pkey database=shop',
    'run index-reindex -n pg-main-1 index=public.orders_pkey max_size=20GB',
  ],
  mayBeLeft: 'the next start of the agent drops what is not valid of it (_ccnew, _ccold)',
  async plan(context, asked) {
    const found = await lookAt(given, context, asked)
    const { index, sizeBytes, left, space, problems } = found
    const waits = await oldTransactions(index.session)
    return [
      ...linesAbout(index, printSize(sizeBytes)),
      `runs: reindex index concurrently ${index.sql}`,
      ...(left.names.length === 0
        ? []
        : [`drops first what an earlier one has left, not valid: ${left.names.join(', ')}`]),
      space.line,
      `reads and writes of ${index.table} go on, a vacuum of it waits`,
      ...(waits === undefined ? [] : [waits]),
      ...refusalLines(problems),
    ]
  },
  async run(context, asked) {
    const work = workOf(given)
    const { index, name, system, server, sizeBytes, left, problems } = await lookAt(given, context, asked)
    refuseFor('index-reindex', index.sql, problems)
    const { clock, signal } = context
    const lockTimeoutMs = asked.patience_s * 1_000
    const record: ReindexRecord = {
      ...{ id: context.command, server: name, kind: 'reindex', state: 'building', endedMs: null },
      index: { ...savedFrom(index, system), sizeBytes },
      startedMs: clock.now(),
      message: 'it is being built anew',
    }
    work.busy.add(record.id)
    try {
      await work.ledger.put(record)
      for (const sql of left.names)
        await dropConcurrently(index.session, sql, { clock, signal, lockTimeoutMs })
      const pid = await processOf(index.session)
      const building = index.session.change(
        { text: `reindex index concurrently ${index.sql}` },
        { timeoutMs: dayMs, lockTimeoutMs, signal },
      )
      await whileLooking(context, building, () => tellBuild(context, server, pid)).catch((error: unknown) => {
        throw serverRefusal(error, 'to own the table; since 17 MAINTAIN on it or pg_maintain')
      })
      const now = await lookForIndex(index.session, quotedName(index))
      const newBytes = now === undefined ? 0 : await measureIndex(index.session, now)
      const message = `built anew in ${((clock.now() - record.startedMs) / 1_000).toFixed(1)} s: ${printSize(sizeBytes)} before, ${printSize(newBytes)} now`
      await work.ledger.note({ ...record, state: 'built', endedMs: clock.now(), message })
      return { message: `${index.sql}: ${message}.`, output: [], before: index.oid }
    } catch (error) {
      throw await settleFailed(work, index.session, record, error)
    } finally {
      work.busy.delete(record.id)
    }
  },
  async verify(context, asked, done) {
    const { index } = await askedIndex(context, asked)
    const { names } = await leftOfReindex(index.session, index)
    if (index.oid === done.before || !index.isValid) {
      throw new PgherdError('REFUSED', `${index.sql} is the old one, or is not valid`)
    }
    return [
      'the server has a new one, and it is valid',
      ...(names.length === 0 ? [] : [`not valid beside it: ${names.join(', ')}`]),
    ]
  },
})

async function lookAt(
  work: IndexWork | undefined,
  context: Pick<ActionContext, 'session' | 'server'>,
  asked: Args,
) {
  const found: AskedIndex = await askedIndex(context, asked)
  const { index, server, name } = found
  const sizeBytes = await measureIndex(index.session, index)
  const space = await spaceFor(index.session, {
    ...{ sizeBytes, tablespace: index.tablespace },
    mostBytes: sizeBound(asked.max_size),
  })
  return {
    ...found,
    sizeBytes,
    space,
    left: await leftOfReindex(index.session, index),
    problems: [
      ...problemsOfReindex(index, server.inRecovery),
      ...space.problems,
      ...(work === undefined ? [] : [...problemsOfTrials(work, name), ...problemsOfDrops(work, name, index)]),
    ],
  }
}
