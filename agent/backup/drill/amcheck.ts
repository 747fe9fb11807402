import { join } from 'node:path'
import type { RecoveredServer } from './start-recovered.ts'
import { runTool } from './run-tool.ts'
import type { ServerUser } from './server-user.ts'

export interface AmcheckResult {
  /** `absent`: this installation has no pg_amcheck. `unfinished`: the time was up before it had found anything. */
  readonly verdict: 'clean' | 'damaged' | 'failed' | 'unfinished' | 'absent'
  /** What it says, shortened. */
  readonly text: string
}

const keptLines = 8

/**
 * Runs pg_amcheck, which comes with PostgreSQL since 14, over all databases: heap and B-tree pages are read and held against
 * each other. Where the server is open for writing, its extension is installed for that; a scratch server forgets it.
 * @see https://www.postgresql.org/docs/current/app-pgamcheck.html
 */
export async function runAmcheck(
  { server, programs, superuser, point }: RecoveredServer,
  options: {
    readonly user: ServerUser
    readonly nice: number
    readonly timeoutMs: number
    readonly signal: AbortSignal
  },
): Promise<AmcheckResult> {
  if (programs.major < 14) return { verdict: 'absent', text: '' }
  const { status, startError, stdout, stderr } = await runTool(
    join(programs.directory, 'pg_amcheck'),
    [
      '--all',
      `--host=${server.socketDirectory}`,
      `--port=${server.port}`,
      `--username=${superuser}`,
      '--no-password',
      ...(point.isPaused ? [] : ['--install-missing']),
    ],
    options,
  )
  options.signal.throwIfAborted()
  if (startError === 'ENOENT') return { verdict: 'absent', text: '' }
  const said = shortened(stdout.trim() === '' ? stderr : stdout)
  if (status === 0) return { verdict: 'clean', text: '' }
  // 2 since there is damage; whoever was ended in the middle may have told of some already.
  if (status === 2 || (status === null && stdout.trim() !== '')) return { verdict: 'damaged', text: said }
  if (status === null && startError === null) return { verdict: 'unfinished', text: '' }
  return { verdict: 'failed', text: startError ?? said }
}

function shortened(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const more = lines.length > keptLines ? `; and ${lines.length - keptLines} lines more` : ''
  return `${lines.slice(0, keptLines).join('; ')}${more}`.slice(0, 1_000)
}
