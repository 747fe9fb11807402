import { execFile } from 'node:child_process'
import type { RunningServer } from './running-server.ts'

/** Tens of milliseconds unless a library waits for something; longer on a machine that is out of memory or disk. */
export const usualLimitSeconds = 10
const killSeconds = 2
/** Of timeout(1), and of a process that SIGKILL ended. */
const lateStatus = new Set([124, 137])

export interface PostgresAnswer {
  /** Null when it could not be started, or a signal ended it. */
  readonly status: number | null
  readonly isLate: boolean
  readonly stdout: string
  readonly stderr: string
}

/** What must not depend on the files: that there is a text, here, in English and without decoration. */
const plainWords = [
  'lc_messages=C',
  'log_min_messages=warning',
  'log_error_verbosity=default',
  'log_destination=stderr',
  'logging_collector=off',
  'log_line_prefix=',
]

/**
 * `postgres -C name` as the owner of the data directory: reads the files of that directory, checks them, prints one value. It begins
 * no server. timeout(1) holds the limit, so that it is held also when this program is killed meanwhile.
 * @param commandLine - what the server has on its own
 * @throws what the signal is aborted with
 */
export async function askPostgres(
  { program, user }: Pick<RunningServer, 'program' | 'user'>,
  directory: string,
  name: string,
  commandLine: ReadonlyMap<string, string>,
  { limitSeconds, signal }: { readonly limitSeconds: number; readonly signal: AbortSignal },
): Promise<PostgresAnswer> {
  const given = [...commandLine].map(([key, value]) => `${key}=${value}`)
  const options = [...given, ...plainWords].flatMap((one) => ['-c', one])
  const limit = ['-k', String(killSeconds), String(limitSeconds)]
  const args = [...limit, program, '-D', directory, ...options, '-C', name]
  const run = {
    cwd: '/',
    timeout: (limitSeconds + killSeconds + 1) * 1000,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 1 << 20,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(user ?? {}),
  }
  const answer = await new Promise<PostgresAnswer>((resolve) => {
    execFile('timeout', args, { ...run, signal }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      const status = typeof code === 'number' ? code : null
      resolve({ status, isLate: status !== null && lateStatus.has(status), stdout: stdout.trim(), stderr })
    })
  })
  signal.throwIfAborted()
  return answer
}
