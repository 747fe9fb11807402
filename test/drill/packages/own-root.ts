import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { findProgram } from '../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startChild } from '../../../testbed/process.ts'
import type { Child } from '../../../testbed/process.ts'
import { runCommand } from '../../../testbed/run-command.ts'

/** A copy of an empty Debian, in which programs run with it as their root and without any variable of ours. */
export interface OwnRoot extends Disposable {
  /** Where one of its files is for us. */
  path(file: string): string
  /** @throws Error unless it ended with status 0, quoting what it printed */
  run(...command: readonly string[]): Promise<string>
  /** Starts a program that goes on, as one of its users. */
  start(user: string, ...command: readonly string[]): Promise<Child>
}

const enter = join(import.meta.dirname, 'enter-root.sh')
const withoutOurs = ['/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C']

/** The words that run a command as a user: `run(...asUser('pgherd-agent'), 'id')`. */
export function asUser(user: string): readonly string[] {
  return ['/usr/bin/setpriv', '--reuid', user, '--regid', user, '--init-groups']
}

/**
 * @param system an empty Debian, which stays as it is
 * @param packages files that are in /packages of the copy
 */
export function createOwnRoot(system: string, packages: readonly string[]): OwnRoot {
  const directory = createOwnDirectory({ prefix: 'pgherd-root-' })
  const root = join(directory.path, 'root')
  // cpSync would follow the links of the copied system to files of this one.
  execFileSync('cp', ['--archive', system, root])
  mkdirSync(join(root, 'packages'))
  for (const file of packages) cpSync(file, join(root, 'packages', basename(file)))
  const words = (command: readonly string[]) => [
    ...['--mount', 'sh', enter, root],
    ...withoutOurs,
    ...command,
  ]
  const unshare = findProgram('unshare') ?? 'unshare'
  return {
    path: (file) => join(root, file),
    async run(...command) {
      const { status, stdout, stderr } = await runCommand(unshare, words(command), { timeoutMs: 120_000 })
      if (status !== 0) throw new Error(`${command.join(' ')}: status ${status ?? '?'}: ${stderr}${stdout}`)
      return stdout
    },
    start: (user, ...command) =>
      startChild({
        name: command[0] ?? '',
        command: unshare,
        args: words([...asUser(user), ...command]),
        logFile: join(directory.path, `${user}.log`),
      }),
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  }
}

/** What of a release's files is asked for: `filesOf(folder, '*.deb')`. */
export const filesOf = (folder: string, pattern: string): readonly string[] => globSync(join(folder, pattern))
