import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/**
 * Where a program is: on PATH or where Debian puts what only administrators run.
 * @returns undefined when it is not installed
 */
export function findProgram(...names: readonly string[]): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  for (const directory of directories.filter((one) => one.startsWith('/'))) {
    for (const name of names) {
      const file = join(directory, name)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {
        // Not here: look on.
      }
    }
  }
  return undefined
}
