import { Socket } from 'node:net'
import pg from 'pg'
import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import { guardAnswers } from './answer-guard.ts'
import { connectFailure, statementFailure } from './failures.ts'
import type { ResultTable, Statement } from './result-table.ts'
import type { Target } from './target.ts'

export const applicationName = 'pgherd'

/** How long the server may be silent after its own statement_timeout should have spoken. */
const graceMs = 250
const lockTimeoutMs = 100
/** What most statements are limited to. */
const usualTimeoutMs = 2_000
const idleInTransactionTimeoutMs = 5_000

export interface ConnectionOptions {
  readonly target: Target
  /** Called only when the server asks for one. */
  readonly password: () => Promise<string>
  /** Setting of the same name; names that a stranger can create objects in do not belong here. */
  readonly searchPath: string
  readonly timeoutMs: number
  /** Whether to switch JIT compilation off, which PostgreSQL before 11 does not know; yes unless told. */
  readonly withoutJit?: boolean
  /** PgBouncer's console, which knows neither settings nor prepared statements; PostgreSQL unless told. */
  readonly console?: boolean
  readonly clock: Clock
  /** Ends the attempt, and later the connection. */
  readonly signal: AbortSignal
}

/** One physical connection with the guard rails on. */
export interface Connection extends Disposable {
  readonly isOpen: boolean
  /** Resolves when the server's side is gone too, or the socket is destroyed. */
  readonly closed: Promise<void>
  /**
   * Runs one statement, bounded by the server (statement_timeout) and, when the server is silent, by the
   * client: then the connection is given up. Several may be under way; the server takes them in turn, and their limits on
   * our side all run from when they were asked.
   * @throws PgherdError TIMED_OUT, POSTGRES_UNAVAILABLE or PROBE_FAILED
   */
  query(statement: Statement, timeoutMs: number): Promise<ResultTable>
  /** Says goodbye and waits until the server has closed too, so that its slot is free; cut off when it does not. */
  end(timeoutMs: number): Promise<void>
}

/**
 * Connects. The guard rails travel in the startup packet, so that no statement runs without them:
 * read-only transactions, statement, lock and idle-in-transaction timeouts, and one spelling of numbers and times.
 * @throws PgherdError POSTGRES_UNAVAILABLE or TIMED_OUT
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { target, clock, signal, timeoutMs } = options
  const where = `${target.host}:${target.port}`
  const socket = new Socket()
  const cut = (): void => void socket.destroy()
  signal.addEventListener('abort', cut, { once: true })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      signal.removeEventListener('abort', cut)
      resolve()
    })
  })
  const client = createClient(options, socket)
  guardAnswers(client, socket, target.tls !== undefined)
  // A connection that dies while nothing is asked of it reports here; the next query finds it closed.
  client.on('error', () => undefined)
  try {
    if ((await withinDeadline(client.connect(), timeoutMs, clock)) === late) {
      throw new PgherdError('TIMED_OUT', `PostgreSQL at ${where} did not accept within ${timeoutMs} ms`)
    }
  } catch (error) {
    socket.destroy()
    throw connectFailure(error, where)
  }

  let serverTimeoutMs = usualTimeoutMs
  let abandoned = false
  let notices: string[] = []
  if (options.console === true) client.on('notice', ({ message }) => void notices.push(message ?? ''))

  let answeredMs = -Infinity

  const run = async (statement: Statement, deadlineMs: number): Promise<ResultTable> => {
    notices = []
    const askedMs = clock.monotonic()
    // What is asked in one go leaves in one system call, which costs more than everything in it.
    const { stream } = client.connection
    stream.cork()
    const work = client.query<(string | null)[]>(driverQuery(statement))
    process.nextTick(() => stream.uncork())
    const answer = await withinDeadline(work, deadlineMs, clock)
    if (answer !== late) {
      const beganMs = Math.max(askedMs, answeredMs)
      answeredMs = clock.monotonic()
      return toTable(answer, { notices, elapsedMs: answeredMs - beganMs })
    }
    // Only our half is closed: the backend ends itself when it gets that far, and until then the open
    // socket tells that it still exists. A destroyed one would leave a session nobody counts.
    abandoned = true
    socket.end()
    throw new PgherdError('TIMED_OUT', `PostgreSQL at ${where} was silent for ${Math.round(deadlineMs)} ms`)
  }

  return {
    get isOpen() {
      return !abandoned && !socket.destroyed && socket.writable
    },
    closed,
    async query(statement, limitMs) {
      const limit = Math.max(1, Math.round(limitMs))
      try {
        if (limit !== serverTimeoutMs && options.console !== true) {
          await run({ text: `set statement_timeout = ${limit}` }, limit + graceMs)
          serverTimeoutMs = limit
        }
        return await run(statement, limit + graceMs)
      } catch (error) {
        const failure = statementFailure(error, where)
        // The end is announced before the connection closes, and the driver refuses statements from then on.
        if (failure.code === 'POSTGRES_UNAVAILABLE') socket.destroy()
        throw failure
      }
    },
    async end(limitMs) {
      // The driver sends Terminate and ends its half; a server that does not answer is not waited for.
      void client.end().catch(() => undefined)
      if ((await withinDeadline(closed, limitMs, clock)) === late) socket.destroy()
      await closed
    },
    [Symbol.dispose]() {
      // A closed socket is all a backend outside of a transaction needs to leave without a word in the log.
      socket.destroy()
    },
  }
}

function createClient(options: ConnectionOptions, socket: Socket): pg.Client {
  const { target } = options
  const connecting = {
    host: target.host,
    port: target.port,
    user: target.user,
    database: target.database,
    password: options.password,
    ssl: target.tls ?? false,
    stream: () => socket,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: applicationName,
    types: { getTypeParser: () => (text: string) => text },
  }
  // It refuses every other startup parameter. Nothing can be locked there, and every statement is a SHOW.
  if (options.console === true) return new pg.Client(connecting)
  const settings = {
    default_transaction_read_only: 'on',
    ...(options.withoutJit === false ? {} : { jit: 'off' }),
    standard_conforming_strings: 'on',
    search_path: options.searchPath,
    DateStyle: 'ISO',
    TimeZone: 'UTC',
    IntervalStyle: 'postgres',
    extra_float_digits: '3',
  }
  return new pg.Client({
    ...connecting,
    // Statements may be asked for before the ones before them are answered; each fails for itself.
    pipeline: true,
    statement_timeout: usualTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
      .join(' '),
  })
}

function driverQuery(statement: Statement): pg.QueryArrayConfig {
  return {
    text: statement.text,
    rowMode: 'array',
    ...(statement.name === undefined ? {} : { name: statement.name }),
    ...(statement.values === undefined ? {} : { values: [...statement.values] }),
  }
}

function toTable(
  result: pg.QueryArrayResult<(string | null)[]>,
  about: Pick<ResultTable, 'notices' | 'elapsedMs'>,
): ResultTable {
  return {
    ...about,
    columns: result.fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID })),
    rows: result.rows,
  }
}
