import { createBackoff } from '../../common/backoff.ts'
import type { Backoff } from '../../common/backoff.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import { openConnection } from './connection.ts'
import { openInSlot } from './connection-slots.ts'
import type { ConnectionSlots } from './connection-slots.ts'
import { passwordOf } from './password-of.ts'
import type { Connection } from './connection.ts'
import type { ResultTable, Statement } from './result-table.ts'
import { parseTarget } from './target.ts'

const endTimeoutMs = 500
const undefinedObject = '42704'

export interface SessionOptions {
  /** See `parseTarget`. */
  readonly url: string
  /** Its first line is the password, read at each connect so that a rotation needs no restart. */
  readonly passwordFile?: string | undefined
  /** In libpq's format, asked when neither URL nor password file gives a password. */
  readonly pgpassFile?: string | undefined
  /** In libpq's format, for a URL with `?service=`. */
  readonly serviceFile?: string | undefined
  /** `pg_catalog` unless told: then nobody can slip a function of his own under one of our names. */
  readonly searchPath?: string
  readonly clock: Clock
  /** Shared with the other sessions on that server; its own unless told. */
  readonly slots?: ConnectionSlots
  /** How long a connect waits until one of those leaves; not at all unless told. */
  readonly slotWaitMs?: number
  /** That of the connections that measure unless told. */
  readonly applicationName?: string
  /**
   * Whoever measures and finds its place taken by this session has not failed: what is known ages meanwhile. It is so for one with a
   * name of its own unless told.
   */
  readonly isBesideMeasuring?: boolean
  /** See `ConnectionOptions`. */
  readonly withNotices?: boolean
  /** See `ConnectionOptions`. */
  readonly isReadOnlyFromStart?: boolean
  /** A pooler's console in place of a server: no settings, no prepared statements. */
  readonly console?: boolean
  /** Called when a connection has closed, whoever has closed it. */
  readonly onClosed?: () => void
  /** Between failed connects; from 0.5 s to 5 s unless told, because a recovered server should be seen soon. */
  readonly backoff?: Backoff
}

/** A session that outlives its connections: it connects when asked to and again after a loss. */
export interface Session extends AsyncDisposable {
  readonly isConnected: boolean
  /** Grows with each new connection: what was learned under an older one may have changed. */
  readonly generation: number
  /**
   * Makes sure that there is a connection.
   * @throws PgherdError POSTGRES_UNAVAILABLE (at once while the backoff lasts) or TIMED_OUT
   */
  connect(timeoutMs: number): Promise<void>
  /**
   * One statement on the connection; see `Connection` for several at a time.
   * @throws PgherdError POSTGRES_UNAVAILABLE without a connection, else see `Connection`
   */
  query(statement: Statement, timeoutMs: number, patienceMs?: number): Promise<ResultTable>
  /** Has the server cancel what it is doing for this session. @throws PgherdError TIMED_OUT, or an error of the socket */
  cancel(timeoutMs: number): Promise<void>
  /** Leaves the database it is in; the next `connect` goes to this one. The server has closed by then, or is hung. */
  moveTo(database: string): Promise<void>
  /** Ends the connection; the next `connect` opens another one. */
  leave(): Promise<void>
}

/** @throws PgherdError CONFIG_INVALID for the URL; the server itself may be down. */
export function createSession(options: SessionOptions): Session {
  const { clock, searchPath = 'pg_catalog' } = options
  let target = parseTarget(options.url, options.serviceFile)
  const backoff = options.backoff ?? createBackoff({ firstMs: 500, maxMs: 5_000 })
  const slots: ConnectionSlots = options.slots ?? new Set()
  const existing = new Set<Connection>()
  let current: Connection | undefined
  let generation = 0
  let withoutJit = true
  let refusal: { readonly error: unknown; readonly untilMs: number } | undefined
  const over = new AbortController()

  const attempt = async (timeoutMs: number): Promise<Connection> => {
    const password = (): Promise<string> => passwordOf(target, options)
    const { console = false, applicationName, withNotices, isReadOnlyFromStart } = options
    const open = (): Promise<Connection> =>
      openConnection({
        target,
        password,
        searchPath,
        timeoutMs,
        console,
        ...(applicationName === undefined ? {} : { applicationName }),
        ...(withNotices === undefined ? {} : { withNotices }),
        ...(isReadOnlyFromStart === undefined ? {} : { isReadOnlyFromStart }),
        withoutJit,
        clock,
        signal: over.signal,
      })
    try {
      return await open()
    } catch (error) {
      if (!withoutJit || toPgherdError(error).details['sqlstate'] !== undefinedObject) throw error
      // PostgreSQL 10: remembered, because each such attempt is a line in the server's log.
      withoutJit = false
      return open()
    }
  }
  const leave = async (): Promise<void> => {
    const ending = current
    current = undefined
    if (ending?.isOpen === true) await ending.end(endTimeoutMs)
  }

  return {
    get isConnected() {
      return current?.isOpen === true
    },
    get generation() {
      return generation
    },
    async connect(timeoutMs) {
      if (over.signal.aborted) throw new PgherdError('CANCELLED', 'the session is closed')
      if (current?.isOpen === true) return
      if (refusal !== undefined && clock.monotonic() < refusal.untilMs) throw refusal.error
      try {
        const { slotWaitMs = 0 } = options
        const where = `${target.host}:${target.port}`
        const isOfAction = options.isBesideMeasuring ?? options.applicationName !== undefined
        const about = { where, isOfAction, waitMs: Math.min(slotWaitMs, timeoutMs), clock }
        const opened = await openInSlot(slots, () => attempt(timeoutMs), about)
        existing.add(opened)
        void opened.closed.then(() => {
          existing.delete(opened)
          options.onClosed?.()
        })
        current = opened
        generation++
        refusal = undefined
        backoff.reset()
      } catch (error) {
        refusal = { error, untilMs: clock.monotonic() + backoff.next() }
        throw error
      }
    },
    async query(statement, timeoutMs, patienceMs) {
      if (current?.isOpen !== true) {
        throw new PgherdError('POSTGRES_UNAVAILABLE', `no connection to ${target.host}:${target.port}`)
      }
      return current.query(statement, timeoutMs, patienceMs)
    },
    async cancel(timeoutMs) {
      await current?.cancel(timeoutMs)
    },
    async moveTo(database) {
      await leave()
      // A refusal was about the database before.
      refusal = undefined
      target = { ...target, database }
    },
    leave,
    async [Symbol.asyncDispose]() {
      over.abort()
      const ending = [...existing]
      for (const connection of ending) connection[Symbol.dispose]()
      await Promise.all(ending.map(({ closed }) => closed))
    },
  }
}
