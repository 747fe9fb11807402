import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from './errors.ts'

/**
 * Creates a directory with its parents, readable by its owner only. Step by step, because mkdir's `recursive` never
 * returns where a parent exists and takes no directory, such as /proc or an automount.
 * @throws PgherdError DIRECTORY_UNUSABLE
 */
export function makeDirectory(directory: string): void {
  if (existsSync(directory)) return
  makeDirectory(dirname(directory))
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot create ${directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
