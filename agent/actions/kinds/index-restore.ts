import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { Action, ActionContext } from '../action.ts'
import { carriedArgs, carriedRecord } from '../indexes/carried-index.ts'
import { oldTransactions } from '../indexes/build-progress.ts'
import { lookForIndex, lookMs } from '../indexes/find-index.ts'
import { refusalLines, systemOf } from '../indexes/index-session.ts'
import { spaceFor } from '../indexes/index-space.ts'
import { refuseFor } from '../indexes/index-problems.ts'
import { savedTable } from '../indexes/index-tables.ts'
import { workOf } from '../indexes/index-work.ts'
import type { IndexWork } from '../indexes/index-work.ts'
import type { DropRecord } from '../indexes/ledger-record.ts'
import { problemsOfTrials } from '../indexes/keep-indexes.ts'
import { printSize } from '../indexes/print-size.ts'
import { buildStatement, quotedName } from '../indexes/restored-index.ts'
import { problemsOfRestore, restoreIndex } from '../indexes/restore-index.ts'
import { maxSizeArg, patienceArg, sizeBound } from '../indexes/build-args.ts'
import { settleFailed } from '../indexes/settle-left.ts'
import { serverOf } from '../server-of.ts'

const args = z.strictObject({
  saved: z
    .string()
    .min(3)
    .max(200)
    .describe(
      'its id in agentctl index saved or the beginning of it, or the name of the index with its schema',
    ),
  database: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('of the index, where several of that name were dropped'),
  max_size: maxSizeArg,
  patience_s: patienceArg,
  ...carriedArgs,
})
type Args = z.infer<typeof args>

export const indexRestore = (given: IndexWork | undefined): Action<Args> => ({
  kind: 'index-restore',
  what: 'build a dropped index anew, CONCURRENTLY, as it was',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 24 * 3_600_000,
  examples: [
    'run index-restore -n pg-main-1 saved=6f1c2f0e',
    'run index-restore -n pg-main-1 saved=public.orders_note_idx max_size=20GB',
  ],
  mayBeLeft: 'the next start of the agent drops what is not valid of it',
  async plan(context, asked) {
    const found = await lookAt(workOf(given), context, asked)
    const { record, space, session, there } = found
    const { index } = record
    const waits = await oldTransactions(session)
    return [
      ...(there === undefined
        ? []
        : [`drops ${there.sql}, which an earlier attempt has left and which is not valid`]),
      ...(index.oid === '0' ? ['this host has not dropped it: what it is built of is in the command'] : []),
      `runs: ${buildStatement(index.definition)}${index.tablespace === '' ? '' : `, in the tablespace ${index.tablespace}`}`,
      ...(index.comment === null ? [] : [`gives it its comment: ${index.comment}`]),
      ...index.statistics.map(
        ({ column, target }) => `sets the statistics target of column ${column} to ${target}`,
      ),
      ...(index.isClustered ? [`has ${index.table} clustered by it again, at the next CLUSTER`] : []),
      ...(index.hasExpressions ? [`analyzes ${index.table}: it had statistics of expressions`] : []),
      `it had ${printSize(index.sizeBytes)}; ${space.line}`,
      `reads the table twice; reads and writes of ${index.table} go on, a vacuum of it waits`,
      ...(waits === undefined ? [] : [waits]),
      ...refusalLines(found.problems),
    ]
  },
  async run(context, asked) {
    const work = workOf(given)
    const { record, session, server, there, problems } = await lookAt(work, context, asked)
    const { index } = record
    refuseFor('index-restore', index.sql, problems)
    const beganMs = context.clock.now()
    const building: DropRecord = {
      ...record,
      state: 'restoring',
      endedMs: null,
      message: 'it is being built anew',
    }
    work.busy.add(record.id)
    try {
      await work.ledger.put(building)
      const failures = await restoreIndex(context, session, building, {
        ...{ server, left: there, patienceMs: asked.patience_s * 1_000 },
      })
      const seconds = ((context.clock.now() - beganMs) / 1_000).toFixed(1)
      const restored: DropRecord = {
        ...building,
        state: 'restored',
        endedMs: context.clock.now(),
        message: [`built anew in ${seconds} s`, ...failures].join('; '),
      }
      await work.ledger.note(restored)
      return {
        message: `Built ${index.sql} anew in ${seconds} s${failures.length === 0 ? '' : `; ${failures.join('; ')}`}.`,
        output: [savedTable([restored])],
        before: JSON.stringify([index.database, quotedName(index), index.definition]),
      }
    } catch (error) {
      throw await settleFailed(work, session, building, error)
    } finally {
      work.busy.delete(record.id)
    }
  },
  async verify(context, _asked, done) {
    const [database = '', name = '', definition = ''] = z
      .array(z.string())
      .parse(JSON.parse(done.before ?? '[]'))
    const session = await (await context.session()).database(database)
    const now = await lookForIndex(session, name)
    if (now === undefined || !now.isValid)
      throw new PgherdError('REFUSED', `${name} is not there, or not valid`)
    if (now.definition !== definition) {
      throw new PgherdError('REFUSED', `${now.sql} is another one than was dropped: ${now.definition}`)
    }
    return [`the server has it, valid and as it was: ${now.definition}`]
  },
})

async function lookAt(
  work: IndexWork,
  context: Pick<ActionContext, 'session' | 'server' | 'clock'>,
  asked: Args,
) {
  const server = await context.session()
  systemOf(server)
  const record = await recordOf(work, { server, name: serverOf(context), nowMs: context.clock.now() }, asked)
  const { index } = record
  const session = await server.database(index.database)
  const { problems, there } = await problemsOfRestore(server, session, index)
  const space = await spaceFor(session, {
    ...{ sizeBytes: index.sizeBytes, tablespace: index.tablespace },
    mostBytes: sizeBound(asked.max_size),
  })
  return {
    record,
    server,
    session,
    there,
    space,
    problems: [...problems, ...space.problems, ...problemsOfTrials(work, record.server)],
  }
}

/** What this host has saved; what the command carries where another member has dropped it. */
async function recordOf(
  work: IndexWork,
  about: { readonly server: ActionSession; readonly name: string; readonly nowMs: number },
  asked: Args,
): Promise<DropRecord> {
  const { server, name, nowMs } = about
  const { definition, saved, database } = asked
  const known = work.ledger.of(name).find(({ id }) => id === saved)
  // What is known here is what was dropped here, whatever a command says of it.
  if (definition === undefined || (known?.kind === 'drop' && known.state === 'dropped'))
    return savedOf(work, name, asked)
  if (known !== undefined && known.index.oid !== '0') {
    throw new PgherdError('REFUSED', `${saved} is ${known.state} on this host: ${known.message}`)
  }
  if (!isDropId.test(saved)) {
    throw new PgherdError(
      'BAD_REQUEST',
      `saved was ${saved}; allowed with definition: the whole id of its drop`,
    )
  }
  return carriedRecord(
    { ...asked, definition },
    { id: saved, server: name, session: server, database: database ?? (await databaseOf(server)), nowMs },
  )
}

const isDropId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

async function databaseOf(server: ActionSession): Promise<string> {
  const { rows } = await server.read({ text: 'select current_database()' }, lookMs)
  return rows[0]?.[0] ?? ''
}

/** @throws PgherdError NOT_FOUND, or BAD_REQUEST where several are meant */
export function savedOf(
  { ledger }: Pick<IndexWork, 'ledger'>,
  server: string,
  { saved, database }: Pick<Args, 'saved' | 'database'>,
): DropRecord {
  const drops = ledger.of(server).filter((one): one is DropRecord => one.kind === 'drop')
  const named = drops.filter(
    ({ id, index }) =>
      (id.startsWith(saved.toLowerCase()) ||
        index.sql === saved ||
        quotedName(index) === saved ||
        `${index.schema}.${index.name}` === saved) &&
      (database === undefined || index.database === database),
  )
  const dropped = named.filter(({ state }) => state === 'dropped')
  const places = new Set(dropped.map(({ index }) => `${index.sql} in ${index.database}`))
  const newest = dropped.at(-1)
  if (newest === undefined) {
    const last = named.at(-1)
    const why =
      last === undefined ? 'see agentctl index saved' : `the last one is ${last.state}: ${last.message}`
    throw new PgherdError('NOT_FOUND', `no dropped index of ${server} is saved as ${saved} (${why})`)
  }
  if (places.size === 1) return newest
  throw new PgherdError(
    'BAD_REQUEST',
    `several are saved as ${saved}: ${[...places].join(', ')}; allowed: its id, or database as well`,
  )
}
