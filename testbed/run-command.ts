import { execFile } from 'node:child_process'
import { childEnvironment } from './child-environment.ts'
import type { Owner } from './unprivileged.ts'

export interface CommandResult {
  /** Exit status; undefined when the program could not be started or was ended by a signal. */
  readonly status: number | undefined
  /** ENOENT, EACCES, ... when it could not be started. */
  readonly startError: string | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a short command to its end. Every ending is a result; nothing is thrown. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: {
    owner?: Owner | undefined
    timeoutMs?: number
    /** Added to the small environment that every child gets. */
    environment?: Readonly<Record<string, string>>
  } = {},
): Promise<CommandResult> {
  const { owner, timeoutMs = 30_000, environment } = options
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      {
        cwd: '/',
        timeout: timeoutMs,
        env: { ...childEnvironment(), ...environment },
        ...(owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code
        resolve({
          status: typeof code === 'number' ? code : undefined,
          startError: typeof code === 'string' ? code : undefined,
          stdout,
          stderr,
        })
      },
    )
  })
}
