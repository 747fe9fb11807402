import type { ResultTable, Statement } from './result-table.ts'

/**
 * A connection for actions, apart from the one that measures: application_name `pgherd action`, with
 * statement_timeout, lock_timeout and idle timeouts, and read-only unless a statement is sent by `change`.
 */
export interface ActionSession extends AsyncDisposable {
  readonly versionNumber: number
  /** undefined on a pooler's console, or where the role may not read it. */
  readonly systemIdentifier: string | undefined
  readonly inRecovery: boolean
  /** One read-only statement. @throws PgherdError TIMED_OUT, POSTGRES_UNAVAILABLE or PROBE_FAILED */
  read(statement: Statement, timeoutMs: number): Promise<ResultTable>
  /** One statement that may change something, outside of a transaction block, so that VACUUM works. */
  change(statement: Statement, options: ChangeOptions): Promise<ResultTable>
  /** The same server, another database. The runner closes it with this session. */
  database(name: string): Promise<ActionSession>
}

export interface ChangeOptions {
  readonly timeoutMs: number
  /** Longest wait for a lock; 100 ms unless told, because what waits for a lock makes others wait behind it. */
  readonly lockTimeoutMs?: number
  /** Cancels the statement on the server (not only here). */
  readonly signal: AbortSignal
}
