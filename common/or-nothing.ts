import { systemCodeOf } from './errors.ts'

/** What `get` gives; undefined where the system refuses, as of a file that is not there. @throws whatever else it throws */
export function orNothing<T>(get: () => T): T | undefined {
  try {
    return get()
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    return undefined
  }
}
