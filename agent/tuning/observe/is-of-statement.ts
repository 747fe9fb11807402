import { PgherdError } from '../../../common/errors.ts'

/** Whether the server answered and goes on, so that an error is about this statement alone: a privilege, a missing relation, its time limit. */
export function isOfStatement(error: unknown): error is PgherdError {
  if (!(error instanceof PgherdError)) return false
  const { code, details } = error
  return code === 'PROBE_FAILED' || (code === 'TIMED_OUT' && details['sqlstate'] !== undefined)
}
