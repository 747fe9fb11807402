import { PgherdError, toPgherdError } from '../../common/errors.ts'

const insufficientPrivilege = '42501'
const lockNotAvailable = '55P03'

/**
 * What the server said to an action, as an answer to its operator: REFUSED with what the role lacks, BUSY for a lock that another
 * session holds or where other work of pgherd has the server's connections, else the error itself.
 * @param grant what would allow it, such as `GRANT pg_checkpoint TO <role>`
 */
export function serverRefusal(error: unknown, grant: string): PgherdError {
  const known = toPgherdError(error)
  const options = { cause: known, details: known.details }
  if (known.details['isHeldByAction'] === true) {
    return new PgherdError('BUSY', `${known.message}; nothing was done`, options)
  }
  switch (known.details['sqlstate']) {
    case insufficientPrivilege:
      return new PgherdError('REFUSED', `PostgreSQL refuses: ${known.message}; it takes: ${grant}`, options)
    case lockNotAvailable:
      return new PgherdError(
        'BUSY',
        `another session holds a lock that it needs: ${known.message}; nothing was done`,
        options,
      )
    default:
      return known
  }
}
