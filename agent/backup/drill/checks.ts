import type { DrillPolicy } from '../../../common/backup/backup-policy.ts'
import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { Session } from '../../postgres/session.ts'
import { runAmcheck } from './amcheck.ts'
import type { AmcheckResult } from './amcheck.ts'
import { emptyRecoveryLog, withLine } from './recovery-log.ts'
import { scratchSession } from './scratch-session.ts'
import type { ServerUser } from './server-user.ts'
import type { RecoveredServer } from './start-recovered.ts'

export interface DrillFindings {
  /** Empty when all is well. */
  readonly problems: readonly { readonly problem: BackupProblem; readonly text: string }[]
  readonly databases: number
  readonly tables: number
  /** As the statistics of the catalogue have it. */
  readonly rows: number
  /** Of the tables those that were never analyzed, so that it has no number for them. */
  readonly uncounted: number
  readonly trueQueries: number
  /** Null where the policy does not want it. */
  readonly amcheck: AmcheckResult['verdict'] | null
}

export interface CheckOptions {
  readonly policy: Pick<DrillPolicy, 'amcheck' | 'queries'>
  readonly user: ServerUser
  readonly nice: number
  /** Of all of them. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly progress?: (text: string) => void
}

const connectMs = 10_000
const booleanType = 16
const undefinedTable = '42P01'
const undefinedFunction = '42883'

type Problem = DrillFindings['problems'][number]

/** Looks at a server that has recovered: whatever is wrong is found, not the first only. Rejects when it is cancelled. */
export async function checkRecovered(
  recovered: RecoveredServer,
  options: CheckOptions,
): Promise<DrillFindings> {
  const { clock, signal, policy, progress = () => undefined } = options
  const { server, superuser, programs } = recovered
  const untilMs = clock.monotonic() + options.timeoutMs
  const leftMs = (): number => Math.max(1_000, untilMs - clock.monotonic())
  const problems: Problem[] = []
  /** What cannot be asked is a finding as well. */
  const inside = async <T>(
    database: string,
    what: string,
    look: (session: Session) => Promise<T>,
  ): Promise<T | undefined> => {
    signal.throwIfAborted()
    await using session = scratchSession(server, { superuser, database, clock })
    const cut = (): void => void session[Symbol.asyncDispose]()
    signal.addEventListener('abort', cut, { once: true })
    try {
      await session.connect(connectMs)
      return await look(session)
    } catch (error) {
      signal.throwIfAborted()
      problems.push({ problem: 'check-failed', text: `database ${database}: ${what}: ${messageOf(error)}` })
      return undefined
    } finally {
      signal.removeEventListener('abort', cut)
    }
  }

  progress('looks into each database')
  const names =
    (await inside('postgres', 'its databases', async (session) => {
      const { rows } = await session.query({ text: databasesQuery }, leftMs())
      return rows.map(([name]) => name ?? '')
    })) ?? []
  let tables = 0
  let rows = 0
  let uncounted = 0
  for (const name of names) {
    const counts = await inside(name, 'it cannot be looked into', (session) =>
      session.query({ text: countsQuery }, leftMs()),
    )
    tables += Number(counts?.rows[0]?.[0] ?? 0)
    rows += Number(counts?.rows[0]?.[1] ?? 0)
    uncounted += Number(counts?.rows[0]?.[2] ?? 0)
  }

  let trueQueries = 0
  for (const { database, sql, what } of policy.queries) {
    progress(what)
    const wrong = await inside(database, what, (session) => answerOf(session, sql, leftMs()))
    if (wrong === '') trueQueries++
    else if (wrong !== undefined)
      problems.push({ problem: 'check-failed', text: `database ${database}: ${what}: ${wrong}` })
  }

  let amcheck: AmcheckResult['verdict'] | null = null
  if (policy.amcheck) {
    progress('pg_amcheck')
    const { verdict, text } = await runAmcheck(recovered, { ...options, timeoutMs: leftMs() })
    amcheck = verdict
    if (verdict === 'damaged') problems.push({ problem: 'checksum', text: `pg_amcheck: ${text}` })
    if (verdict === 'failed') problems.push({ problem: 'check-failed', text: `pg_amcheck: ${text}` })
  }

  // Last: what was read until now has counted pages that fail.
  const badPages = (await server.newLines()).reduce(withLine, emptyRecoveryLog).badPages
  const failures =
    programs.major < 12
      ? undefined
      : await inside('postgres', 'checksum failures', async (session) => {
          const answer = await session.query({ text: checksumQuery }, leftMs())
          return Number(answer.rows[0]?.[0])
        })
  if ((failures ?? 0) > 0 || badPages.length > 0) {
    const pages = badPages.slice(0, 3).join('; ')
    const text = `${Math.max(failures ?? 0, badPages.length)} pages failed their checksum${pages === '' ? '' : `: ${pages}`}`
    problems.push({ problem: 'checksum', text })
  }
  return { problems, databases: names.length, tables, rows, uncounted, trueQueries, amcheck }
}

/** Empty when the first column of the only row is true, else what is wrong. */
async function answerOf(session: Session, sql: string, timeoutMs: number): Promise<string> {
  try {
    const { columns, rows } = await session.query({ text: sql }, timeoutMs)
    if (rows.length !== 1) return `it answers ${rows.length} rows and not one`
    if (columns[0]?.typeId !== booleanType) return 'its first column is no boolean'
    const value = rows[0]?.[0]
    return value === 't' ? '' : `it is ${value === 'f' ? 'false' : 'null'}`
  } catch (error) {
    const state = error instanceof PgherdError ? error.details['sqlstate'] : undefined
    if (state !== undefinedTable && state !== undefinedFunction) throw error
    // Only pg_catalog is searched: a table of another schema is not to be taken for the one that is meant.
    return `${messageOf(error)}; names need their schema, as in public.accounts`
  }
}

/** Those with a limit of -2 were left by a DROP DATABASE that was interrupted (16). */
const databasesQuery = `select datname from pg_database where datallowconn and datconnlimit <> -2 order by datname`
/** reltuples is -1 where nothing has counted yet, and was 0 before 14. */
const countsQuery = `
  select count(*), coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint,
         count(*) filter (where c.reltuples < 0 or c.reltuples = 0
           and current_setting('server_version_num')::int < 140000 and pg_relation_size(c.oid) > 0)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'`
const checksumQuery = `select coalesce(sum(checksum_failures), 0) from pg_stat_database`
