import { readFile } from 'node:fs/promises'
import { createBackoff } from '../../common/backoff.ts'
import type { Backoff } from '../../common/backoff.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { openConnection } from './connection.ts'
import type { Connection } from './connection.ts'
import type { ResultTable, Statement } from './result-table.ts'
import { parseTarget } from './target.ts'

/** The product's promise: never more sessions than this on a server we watch. */
const maxConnections = 2

export interface SessionOptions {
  /** See `parseTarget`. */
  readonly url: string
  /** Its first line is the password, read at each connect so that a rotation needs no restart. */
  readonly passwordFile?: string | undefined
  /** `pg_catalog` unless told: then nobody can slip a function of his own under one of our names. */
  readonly searchPath?: string
  readonly clock: Clock
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
   * One statement on the connection; only one at a time.
   * @throws PgherdError POSTGRES_UNAVAILABLE without a connection, else see `Connection`
   */
  query(statement: Statement, timeoutMs: number): Promise<ResultTable>
}

/** @throws PgherdError CONFIG_INVALID for the URL; the server itself may be down. */
export function createSession(options: SessionOptions): Session {
  const { clock, searchPath = 'pg_catalog', passwordFile } = options
  const target = parseTarget(options.url)
  const backoff = options.backoff ?? createBackoff({ firstMs: 500, maxMs: 5_000 })
  /** Open connections and those given up whose backend may still be there. */
  const existing = new Set<Connection>()
  let current: Connection | undefined
  let generation = 0
  let refusal: { readonly error: unknown; readonly untilMs: number } | undefined
  const over = new AbortController()

  const attempt = async (timeoutMs: number): Promise<Connection> => {
    if (existing.size >= maxConnections) {
      throw new PgherdError(
        'POSTGRES_UNAVAILABLE',
        `${maxConnections} sessions on ${target.host}:${target.port} hang; no further one is opened until one of them ends`,
      )
    }
    const password = passwordFile === undefined ? undefined : () => readPassword(passwordFile)
    return openConnection({ target, password, searchPath, timeoutMs, clock, signal: over.signal })
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
        const opened = await attempt(timeoutMs)
        existing.add(opened)
        void opened.closed.then(() => existing.delete(opened))
        current = opened
        generation++
        refusal = undefined
        backoff.reset()
      } catch (error) {
        refusal = { error, untilMs: clock.monotonic() + backoff.next() }
        throw error
      }
    },
    async query(statement, timeoutMs) {
      if (current?.isOpen !== true) {
        throw new PgherdError('POSTGRES_UNAVAILABLE', `no connection to ${target.host}:${target.port}`)
      }
      return current.query(statement, timeoutMs)
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      const ending = [...existing]
      for (const connection of ending) connection[Symbol.dispose]()
      await Promise.all(ending.map(({ closed }) => closed))
    },
  }
}

async function readPassword(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    return text.split(/\r?\n/, 1)[0] ?? ''
  } catch (error) {
    throw new PgherdError('POSTGRES_UNAVAILABLE', `the password file cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
