import { PgherdError } from '../../common/errors.ts'
import { readSystemIdentifier } from './capabilities.ts'
import { maxConnections } from './connection-slots.ts'
import type { ConnectionSlots } from './connection-slots.ts'
import { measuringConnection } from './measuring-connection.ts'
import { readPoolerVersion } from './pooler.ts'
import type { ResultTable, Statement } from './result-table.ts'
import { createSession } from './session.ts'
import type { SessionOptions } from './session.ts'
import { parseTarget } from './target.ts'
import { cancelledBy, untilFree } from './until-free.ts'

export const actionApplicationName = 'pgherd action'

/**
 * A connection for actions, apart from the one that measures: application_name `pgherd action`, with
 * statement_timeout, lock_timeout and idle timeouts, and read-only unless a statement is sent by `change`.
 */
export interface ActionSession extends AsyncDisposable {
  readonly versionNumber: number
  /** undefined on a pooler's console, or where the role may not read it. */
  readonly systemIdentifier: string | undefined
  readonly inRecovery: boolean
  /**
   * One read-only statement. While `change` is under way, or both of the server's places for pgherd are taken, it goes over
   * the connection that measures (with that one's role), so that there are never more than two.
   * @throws PgherdError TIMED_OUT, POSTGRES_UNAVAILABLE or PROBE_FAILED
   */
  read(statement: Statement, timeoutMs: number): Promise<ReadTable>
  /**
   * One statement that may change something, outside of a transaction block, so that VACUUM works.
   * @throws PgherdError as `read`, and CANCELLED (or the signal's own reason) once the server has ended it
   */
  change(statement: Statement, options: ChangeOptions): Promise<ResultTable>
  /** The same server, another database, over the same connection: it moves there when that is used. The runner closes it with this session. */
  database(name: string): Promise<ActionSession>
}

export interface ReadTable extends ResultTable {
  /** It came over the connection that measures: what its role may do says nothing of the role for commands. */
  readonly isOfMeasuring?: true
}

export interface ChangeOptions {
  readonly timeoutMs: number
  /** Longest wait for a lock; 100 ms unless told, because what waits for a lock makes others wait behind it. */
  readonly lockTimeoutMs?: number
  /** Cancels the statement on the server (not only here). */
  readonly signal: AbortSignal
}

export interface ActionSessionOptions extends Omit<
  SessionOptions,
  'searchPath' | 'backoff' | 'slotWaitMs' | 'applicationName' | 'withNotices'
> {
  /** Those of the sources that measure this server. */
  readonly slots: ConnectionSlots
  /** Of the first contact. */
  readonly timeoutMs: number
  /**
   * Reads go over the connection that measures, as long as that is there, with its role: for what looks every few seconds, so that it
   * makes no connection of its own.
   */
  readonly readsOverMeasuring?: boolean
}

const usualLockTimeoutMs = 100
const connectTimeoutMs = 10_000
const slotWaitMs = 5_000
/** Beyond what the server's own statement_timeout should need. */
const graceMs = 250
/** For an agent that is gone without its socket. PostgreSQL knows the setting since 14, as the next one. */
const endWhenIdle: Statement = {
  text: `select set_config(name, '10min', false) from pg_settings where name = 'idle_session_timeout'`,
}
/** For one that is gone with it (kill -9), or has given up: a vacuum would else go on for hours, and beside the next one. */
const endWithoutAgent: Statement = {
  text: `select set_config(name, '5s', false) from pg_settings where name = 'client_connection_check_interval'`,
}

/**
 * Connects and looks at whom it talks to.
 * @throws PgherdError CONFIG_INVALID for the URL, POSTGRES_UNAVAILABLE, TIMED_OUT, or BAD_DATA where a console was expected
 */
export async function openActionSession(options: ActionSessionOptions): Promise<ActionSession> {
  const { clock, slots, timeoutMs, console: isConsole = false } = options
  const home = parseTarget(options.url, options.serviceFile)
  const shared = {
    ...options,
    applicationName: actionApplicationName,
    withNotices: true,
    // Each attempt was asked for by a person.
    backoff: { next: () => 0, reset: () => undefined },
  }
  const session = createSession({ ...shared, slotWaitMs })
  const beside = createSession(shared)
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }
  let place = home.database
  let generation = 0
  let versionNumber = 0
  let isChanging = false

  const reach = async (database: string, limitMs: number): Promise<void> => {
    if (place !== database) {
      await session.moveTo(database)
      place = database
    }
    await session.connect(limitMs)
    if (generation === session.generation) return
    generation = session.generation
    if (isConsole) return
    await session.query(endWhenIdle, limitMs)
    // A server on Windows cannot, and fails the statement; one that is gone fails the next one too.
    await session.query(endWithoutAgent, limitMs).catch(() => undefined)
  }

  const readElsewhere = async (
    database: string,
    statement: Statement,
    limitMs: number,
  ): Promise<ReadTable> => {
    const lent = measuringConnection(slots, database)
    if (lent !== undefined) return { ...(await lent.query(statement, limitMs)), isOfMeasuring: true }
    await beside.moveTo(database)
    try {
      await beside.connect(Math.min(limitMs, connectTimeoutMs))
      return await beside.query(statement, limitMs)
    } finally {
      await beside.leave()
    }
  }

  const changeIn = async (
    database: string,
    statement: Statement,
    change: ChangeOptions,
  ): Promise<ResultTable> => {
    const { signal, lockTimeoutMs = usualLockTimeoutMs } = change
    const untilMs = clock.monotonic() + change.timeoutMs
    const leftMs = (): number => Math.max(1, untilMs - clock.monotonic())
    const work = async (): Promise<ResultTable> => {
      await reach(database, Math.min(connectTimeoutMs, leftMs()))
      signal.throwIfAborted()
      // Answered before the change is sent: a cancel that hits one of them must not let the other run. Both have the same limit, so
      // that nothing stands between them.
      const limitMs = Math.round(leftMs())
      const patienceMs = (): number => leftMs() + graceMs
      if (!isConsole) {
        await session.query(settings({ readOnly: false, lockTimeoutMs }), limitMs, patienceMs())
      }
      signal.throwIfAborted()
      return session.query(statement, limitMs, isConsole ? limitMs : patienceMs())
    }
    isChanging = true
    try {
      return await untilFree(work, { signal, clock, session, isConsole })
    } finally {
      isChanging = false
      if (!isConsole && session.isConnected) {
        const back = settings({ readOnly: true, lockTimeoutMs: usualLockTimeoutMs })
        await session.query(back, 2_000).catch(() => session.leave())
      }
    }
  }

  let systemIdentifier: string | undefined
  let inRecovery = false
  const view = (database: string): ActionSession => ({
    get versionNumber() {
      return versionNumber
    },
    get systemIdentifier() {
      return systemIdentifier
    },
    get inRecovery() {
      return inRecovery
    },
    async read(statement, limitMs) {
      const isFull = slots.size >= maxConnections || options.readsOverMeasuring === true
      const isLent = !session.isConnected && isFull && measuringConnection(slots, database) !== undefined
      if (isChanging || isLent) return readElsewhere(database, statement, limitMs)
      return inTurn(async () => {
        await reach(database, Math.min(limitMs, connectTimeoutMs))
        return session.query(statement, limitMs)
      })
    },
    async change(statement, change) {
      if (change.signal.aborted) throw cancelledBy(change.signal)
      return inTurn(() => changeIn(database, statement, change))
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is a rejection
    async database(name) {
      if (isConsole) throw new PgherdError('NOT_SUPPORTED', 'the console of pgBouncer is in no database')
      return view(name)
    },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]()
      await beside[Symbol.asyncDispose]()
    },
  })

  try {
    const here = view(home.database)
    const query = (statement: Statement, limitMs: number): Promise<ResultTable> =>
      here.read(statement, limitMs)
    if (isConsole) {
      versionNumber = await readPoolerVersion({ query }, timeoutMs)
    } else {
      const { rows } = await query({ text: lookQuery }, timeoutMs)
      versionNumber = Number(rows[0]?.[0])
      inRecovery = rows[0]?.[1] === 't'
      systemIdentifier = await readSystemIdentifier({ query }, timeoutMs)
    }
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
  return view(home.database)
}

const lookQuery = `select current_setting('server_version_num'), pg_is_in_recovery()`

function settings(to: { readonly readOnly: boolean; readonly lockTimeoutMs: number }): Statement {
  return {
    text: `select set_config('default_transaction_read_only', $1, false), set_config('lock_timeout', $2, false)`,
    values: [to.readOnly ? 'on' : 'off', String(Math.round(to.lockTimeoutMs))],
  }
}
