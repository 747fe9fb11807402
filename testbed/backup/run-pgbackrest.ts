import { findProgram } from '../find-program.ts'
import { startChild } from '../process.ts'
import type { Child } from '../process.ts'
import { runCommand } from '../run-command.ts'
import type { CommandResult } from '../run-command.ts'
import { unprivilegedOwner } from '../unprivileged.ts'

export interface PgBackRestRun extends CommandResult {
  readonly ms: number
}

export interface PgBackRestRunOptions {
  /** Ends it with SIGTERM afterwards, which it obeys; 120,000 unless told. */
  readonly timeoutMs?: number
  /** Added to the small environment that every child gets. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface PgBackRestProgram {
  /** Runs a command to its end, whatever that is: `run(['backup', '--type=full'])`. */
  run(args: readonly string[], options?: PgBackRestRunOptions): Promise<PgBackRestRun>
  /** Its standard output. @throws Error with all that it said unless it ended with status 0 */
  mustRun(args: readonly string[], options?: PgBackRestRunOptions): Promise<string>
  /** Starts a command that goes on meanwhile, to be watched or killed; what it says goes to `logFile`. */
  spawn(args: readonly string[], logFile: string): Promise<Child>
}

/**
 * The program for one stanza of one configuration, as the user of the servers.
 * @param environment of every run
 * @throws Error when it is not installed
 */
export function pgBackRestProgram(
  configFile: string,
  stanza: string,
  environment: Readonly<Record<string, string>> = {},
): PgBackRestProgram {
  const command = findProgram('pgbackrest')
  if (command === undefined) throw new Error('pgBackRest is not installed')
  const owner = unprivilegedOwner()
  const always = [`--config=${configFile}`, `--stanza=${stanza}`]
  const program: PgBackRestProgram = {
    async run(args, { timeoutMs = 120_000, environment: more = {} } = {}) {
      const startedAt = performance.now()
      const result = await runCommand(command, [...args, ...always], {
        ...{ owner, timeoutMs },
        environment: { ...environment, ...more },
      })
      return { ...result, ms: performance.now() - startedAt }
    },
    async mustRun(args, options) {
      const { status, stdout, stderr } = await program.run(args, options)
      if (status === 0) return stdout
      throw new Error(`pgbackrest ${args.join(' ')}: status ${status ?? '?'}: ${stdout}${stderr}`)
    },
    spawn: (args, logFile) =>
      startChild({
        name: `pgbackrest ${args[0] ?? ''}`,
        command,
        args: [...args, ...always],
        ...{ logFile, owner, environment },
        // It then ends its own children.
        quickSignal: 'SIGTERM',
      }),
  }
  return program
}
