import { PgherdError, messageOf } from '../../common/errors.ts'

/**
 * Runs a statement that changes the fleet's state.
 * @throws PgherdError DISK_FULL when it fails
 */
export function writing<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new PgherdError('DISK_FULL', `the fleet's state cannot be written: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
