import { execFile } from 'node:child_process'
import { setPriority } from 'node:os'
import { asUser } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

export interface ToolResult {
  /** Null when a signal ended it, or it could not be started. */
  readonly status: number | null
  /** ENOENT, EACCES, ... when it could not be started. */
  readonly startError: string | null
  /** At most 1 MiB, and where there is more the program is ended. */
  readonly stdout: string
  readonly stderr: string
}

const maxBytes = 1 << 20

/**
 * What programs of PostgreSQL get: no PG* variables, and their messages in English, because they are read.
 * @see https://www.postgresql.org/docs/current/libpq-envars.html
 */
export const toolEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
}

/** Runs a program that comes with PostgreSQL to its end. Every ending is a result; nothing is thrown but what `asUser` throws. */
export function runTool(
  program: string,
  args: readonly string[],
  options: {
    readonly user: ServerUser
    readonly timeoutMs: number
    readonly signal: AbortSignal
    readonly nice?: number
  },
): Promise<ToolResult> {
  const { user, timeoutMs, signal, nice = 0 } = options
  const run = { cwd: '/', timeout: Math.ceil(timeoutMs), signal, maxBuffer: maxBytes, env: toolEnvironment }
  const owner = asUser(user)
  return new Promise((resolve) => {
    const child = execFile(program, args, { ...run, ...owner }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      resolve({
        status: typeof code === 'number' ? code : null,
        startError: error !== null && 'syscall' in error ? String(code) : null,
        stdout,
        stderr,
      })
    })
    if (nice !== 0 && child.pid !== undefined) lower(child.pid, nice)
  })
}

function lower(pid: number, nice: number): void {
  try {
    setPriority(pid, nice)
  } catch {
    // It has ended already.
  }
}
