import { Socket } from 'node:net'
import pg from 'pg'
import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import { guardAnswers } from './answer-guard.ts'
import { sendCancelRequest } from './cancel-request.ts'
import type { BackendKey } from './cancel-request.ts'
import { connectFailure, statementFailure } from './failures.ts'
import type { ResultTable, Statement } from './result-table.ts'
import type { Target } from './target.ts'

/** Of the connections that measure. */
export const applicationName = 'pgherd'

/** How long the server may be silent after its own statement_timeout should have spoken. */
const graceMs = 250
const lockTimeoutMs = 100
/** What most statements are limited to. */
const usualTimeoutMs = 2_000
const idleInTransactionTimeoutMs = 5_000
const maxNotices = 100

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
  /** `applicationName` unless told. */
  readonly applicationName?: string
  /**
   * False for one that makes its session read-only itself, by SET: then it sees in pg_settings.reset_val what the server's own
   * default is. Yes unless told.
   */
  readonly isReadOnlyFromStart?: boolean
  /** Whether PostgreSQL's notices are kept as well as a console's, for connections that ask one thing at a time. */
  readonly withNotices?: boolean
  readonly clock: Clock
  /** Ends the attempt, and later the connection. */
  readonly signal: AbortSignal
}

/** One physical connection with the guard rails on. */
export interface Connection extends Disposable {
  readonly applicationName: string
  readonly database: string
  readonly isOpen: boolean
  /** Whether the socket is destroyed, so that `closed` comes at once. */
  readonly isCut: boolean
  /** Resolves when the server's side is gone too, or the socket is destroyed. */
  readonly closed: Promise<void>
  /**
   * Runs one statement, bounded by the server (statement_timeout) and, when the server is silent, by the
   * client: then the connection is given up. Several may be under way; the server takes them in turn, and the limit of each
   * runs from its turn.
   * @param patienceMs from now, with the time that those before it take; endless unless told
   * @throws PgherdError TIMED_OUT, POSTGRES_UNAVAILABLE or PROBE_FAILED, with `elapsedMs` among the details; CANCELLED
   * when one before it took the connection along, and the server has not begun with it
   */
  query(statement: Statement, timeoutMs: number, patienceMs?: number): Promise<ResultTable>
  /**
   * Has the server cancel what it is doing for this connection; the statement's own answer tells whether it did.
   * @throws PgherdError TIMED_OUT, or an error of the socket
   */
  cancel(timeoutMs: number): Promise<void>
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
  const where = `${options.console === true ? 'pgBouncer' : 'PostgreSQL'} at ${target.host}:${target.port}`
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
  let serverEncoding = ''
  let key: BackendKey | undefined
  client.connection.on('backendKeyData', ({ processID, secretKey }: BackendKeyData) => {
    key = { processId: processID, secret: secretKey }
  })
  client.connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
    if (parameterName === 'server_encoding') serverEncoding = parameterValue
  })
  // A connection that dies while nothing is asked of it reports here; the next query finds it closed.
  client.on('error', () => undefined)
  try {
    if ((await withinDeadline(client.connect(), timeoutMs, clock)) === late) {
      throw new PgherdError('TIMED_OUT', `${where} did not accept within ${Math.round(timeoutMs)} ms`)
    }
  } catch (error) {
    socket.destroy()
    throw connectFailure(error, where)
  }

  const { console = false } = options
  let serverTimeoutMs = usualTimeoutMs
  /** Whether a statement was given up or took the connection along. */
  let lost = false
  let notices: string[] = []
  if (console || options.withNotices === true) {
    client.on('notice', ({ message }) => {
      if (notices.length < maxNotices) notices.push(message ?? '')
    })
  }
  /** Settled when the statement that was asked last has its answer or has none. */
  let previous: Promise<unknown> = Promise.resolve()
  let answeredMs = -Infinity

  const send = (statement: Statement): Promise<Answer> => {
    notices = []
    // What is asked in one go leaves in one system call, which costs more than everything in it.
    const { stream } = client.connection
    stream.cork()
    const work = client.query<(string | null)[]>(driverQuery(statement, console))
    process.nextTick(() => stream.uncork())
    // Heard of in its turn.
    work.catch(() => undefined)
    return work
  }

  const answerOf = async (
    work: Promise<Answer>,
    beganMs: number,
    deadlineMs: number,
  ): Promise<ResultTable> => {
    try {
      const answer = await withinDeadline(work, deadlineMs, clock)
      if (answer !== late) return toTable(answer, { notices, elapsedMs: clock.monotonic() - beganMs })
      // Only our half is closed: the backend ends itself when it gets that far, and until then the open
      // socket tells that it still exists. A destroyed one would leave a session nobody counts.
      lost = true
      socket.end()
      const message = `${where} was silent for ${Math.round(deadlineMs)} ms`
      throw new PgherdError('TIMED_OUT', message, { details: { elapsedMs: clock.monotonic() - beganMs } })
    } catch (error) {
      const failure = statementFailure(error, where, clock.monotonic() - beganMs)
      if (failure.code === 'POSTGRES_UNAVAILABLE') {
        lost = true
        // The end is announced before the connection closes, and the driver refuses statements from then on.
        socket.destroy()
      }
      throw failure
    } finally {
      answeredMs = clock.monotonic()
    }
  }

  const ask = (statement: Statement, limitMs: number, patienceMs: number): Promise<ResultTable> => {
    const askedMs = clock.monotonic()
    const before = previous
    // The console takes one after the other.
    const sent = console ? undefined : send(statement)
    const answer = (async () => {
      await before
      if (lost) throw new PgherdError('CANCELLED', `the connection to ${where} was lost before its turn`)
      const beganMs = Math.max(askedMs, answeredMs)
      const leftMs = Math.max(1, askedMs + patienceMs - clock.monotonic())
      return answerOf(sent ?? send(statement), beganMs, Math.min(limitMs + graceMs, leftMs))
    })()
    previous = answer.catch(() => undefined)
    return answer
  }

  // Such a database has names in any encoding, and the server fails every statement that gives one which is not in ours.
  if (serverEncoding === 'SQL_ASCII' && !console) {
    ask({ text: 'set client_encoding = sql_ascii' }, usualTimeoutMs, usualTimeoutMs).catch(() => undefined)
  }

  return {
    applicationName: options.applicationName ?? applicationName,
    database: target.database,
    get isOpen() {
      return !lost && !socket.destroyed && socket.writable
    },
    get isCut() {
      return socket.destroyed
    },
    closed,
    async query(statement, limitMs, patienceMs = Infinity) {
      const limit = Math.max(1, Math.round(limitMs))
      if (limit === serverTimeoutMs || console) return ask(statement, limit, patienceMs)
      serverTimeoutMs = limit
      const setting = ask({ text: `set statement_timeout = ${limit}` }, limit, patienceMs)
      const answer = ask(statement, limit, patienceMs)
      answer.catch(() => undefined)
      try {
        await setting
      } catch (error) {
        serverTimeoutMs = Number.NaN
        throw error
      }
      return answer
    },
    async cancel(limitMs) {
      if (key !== undefined) await sendCancelRequest(target, key, limitMs, clock)
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
    application_name: options.applicationName ?? applicationName,
    types: { getTypeParser: () => (text: string) => text },
  }
  // It refuses every other startup parameter. Nothing can be locked there, and every statement is a SHOW.
  if (options.console === true) return new pg.Client(connecting)
  const settings = {
    ...(options.isReadOnlyFromStart === false ? {} : { default_transaction_read_only: 'on' }),
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

/** A setting that the server reports; "ParameterStatus" in the manual's "Message Formats". */
interface ParameterStatus {
  readonly parameterName: string
  readonly parameterValue: string
}

/** "BackendKeyData" there; the driver speaks the protocol in which the secret is four bytes. */
interface BackendKeyData {
  readonly processID: number
  readonly secretKey: number
}

type Answer = pg.QueryArrayResult<(string | null)[]>

function driverQuery(
  statement: Statement,
  console: boolean,
): pg.QueryArrayConfig & { queryMode?: 'extended' } {
  return {
    text: statement.text,
    rowMode: 'array',
    // The simple protocol takes several statements in one text, which could end the read-only transaction of the first.
    ...(console ? {} : { queryMode: 'extended' }),
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
