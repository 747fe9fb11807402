import { existsSync } from 'node:fs'
import type { PostgresServer } from '../postgres.ts'
import { runCommand } from '../run-command.ts'

/** Beside the wrapper on PATH, which looks for a cluster of the distribution. */
const program = '/usr/lib/postgresql/15/bin/pgbench'

/** Runs pgbench on the database `postgres`. @throws Error with what it said unless it ended with status 0 */
export async function pgbench(postgres: PostgresServer, args: readonly string[]): Promise<string> {
  if (!existsSync(program)) throw new Error(`${program} is missing`)
  const address = ['-h', postgres.socketDirectory, '-p', String(postgres.port), '-U', 'postgres']
  const { status, stdout, stderr } = await runCommand(program, [...address, ...args, 'postgres'], {
    timeoutMs: 600_000,
  })
  if (status !== 0) throw new Error(`pgbench ${args.join(' ')}: status ${status ?? '?'}: ${stderr}`)
  return stdout
}
