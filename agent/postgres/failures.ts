import { DatabaseError } from 'pg'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'

const queryCancelled = '57014'

/**
 * A connection attempt that failed: the server is unreachable, or answers and refuses (with its SQLSTATE).
 * @param where with what it is: `PostgreSQL at 127.0.0.1:5432`
 */
export function connectFailure(error: unknown, where: string): PgherdError {
  if (error instanceof PgherdError) return error
  const details = stateOf(error)
  const reason = error instanceof DatabaseError ? refusalOf(error) : (systemCodeOf(error) ?? messageOf(error))
  return new PgherdError('POSTGRES_UNAVAILABLE', `cannot connect to ${where}: ${reason}`, {
    cause: error,
    details,
  })
}

/**
 * A statement that failed: TIMED_OUT by the server's own statement_timeout, POSTGRES_UNAVAILABLE when the
 * session is over, else PROBE_FAILED: the server answered and goes on. `elapsedMs`, from its turn, is among the details.
 */
export function statementFailure(error: unknown, where: string, elapsedMs: number): PgherdError {
  if (error instanceof PgherdError) return error
  const options = { cause: error, details: { ...stateOf(error), elapsedMs } }
  if (!(error instanceof DatabaseError) || endsSession(error)) {
    const message = `the connection to ${where} ended: ${messageOf(error)}`
    return new PgherdError('POSTGRES_UNAVAILABLE', message, options)
  }
  if (error.code === queryCancelled) return new PgherdError('TIMED_OUT', error.message, options)
  return new PgherdError('PROBE_FAILED', error.message, options)
}

/** PgBouncer refuses a user on its console with two words that do not say what is missing. */
function refusalOf({ message }: DatabaseError): string {
  return message === 'not allowed' ? 'not allowed; allowed: a user in stats_users or admin_users' : message
}

/** Whether the server says that it has closed the session: a shutdown, a crash of another process, a kill. */
function endsSession(error: unknown): boolean {
  return error instanceof DatabaseError && (error.severity === 'FATAL' || error.severity === 'PANIC')
}

function stateOf(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof DatabaseError && error.code !== undefined ? { sqlstate: error.code } : {}
}
