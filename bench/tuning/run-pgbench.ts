import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresServer } from '../../testbed/postgres-server.ts'
import { runCommand } from '../../testbed/run-command.ts'
import type { Owner } from '../../testbed/unprivileged.ts'
import type { Workload } from './workloads.ts'

export interface PgbenchFigures {
  readonly perSecond: number
  readonly p95Ms: number
  readonly transactions: number
  /** From the first to the last. */
  readonly seconds: number
  /** Written to temporary files meanwhile. */
  readonly tempBytes: number
}

const program = 'pgbench'
const marginMs = 600_000

export async function initialise(server: PostgresServer, scale: number): Promise<void> {
  await pgbench(server, ['--initialize', '--quiet', `--scale=${scale}`], marginMs)
}

/**
 * @param amount - of transactions for each client, or seconds
 * @param directory of the server's user, for scripts and the log of transactions
 */
export async function measure(
  server: PostgresServer,
  workload: Workload,
  options: {
    readonly amount: { readonly seconds: number } | { readonly transactions: number }
    readonly seed: number
    readonly directory: string
    readonly owner: Owner | undefined
  },
): Promise<PgbenchFigures> {
  const { amount, seed, directory, owner } = options
  const prefix = `log-${process.hrtime.bigint()}`
  const scripts = workload.scripts.map((text, index) => {
    const file = join(directory, `${workload.profile}-${index}.sql`)
    writeFileSync(file, text, { mode: 0o644 })
    return `--file=${file}`
  })
  const isTimed = 'seconds' in amount
  const before = await tempBytes(server)
  await pgbench(
    server,
    [
      '--no-vacuum',
      `--client=${workload.clients}`,
      // Where the transactions are counted each client has its own random numbers, whoever is faster.
      `--jobs=${isTimed ? 2 : workload.clients}`,
      isTimed ? `--time=${amount.seconds}` : `--transactions=${amount.transactions}`,
      `--random-seed=${seed}`,
      '--log',
      `--log-prefix=${join(directory, prefix)}`,
      ...scripts,
    ],
    (isTimed ? amount.seconds * 1000 : 0) + marginMs,
    owner,
  )
  const logged = takeLog(directory, prefix)
  const latencies = logged.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const endMs = logged.reduce((last, one) => Math.max(last, one.endMs), -Infinity)
  const startMs = logged.reduce((first, one) => Math.min(first, one.endMs - one.ms), Infinity)
  const seconds = (endMs - startMs) / 1000
  return {
    perSecond: latencies.length / seconds,
    p95Ms: latencies[Math.ceil(latencies.length * 0.95) - 1]!,
    transactions: latencies.length,
    seconds,
    tempBytes: (await tempBytes(server)) - before,
  }
}

interface Logged {
  readonly ms: number
  readonly endMs: number
}

/** What pgbench has logged of each transaction. Source: its documentation, "Per-Transaction Logging". */
function takeLog(directory: string, prefix: string): readonly Logged[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith(`${prefix}.`))
    .flatMap((name) => {
      const file = join(directory, name)
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
      rmSync(file)
      return lines.map((line) => {
        const [, , latencyUs, , atSeconds, atUs] = line.split(' ').map(Number)
        return { ms: latencyUs! / 1000, endMs: atSeconds! * 1000 + atUs! / 1000 }
      })
    })
}

async function tempBytes(server: PostgresServer): Promise<number> {
  const rows = await server.query<{ readonly bytes: string }>(
    'select temp_bytes as bytes from pg_stat_database where datname = current_database()',
  )
  return Number(rows[0]?.bytes)
}

async function pgbench(
  server: PostgresServer,
  args: readonly string[],
  timeoutMs: number,
  owner?: Owner,
): Promise<void> {
  const connect = [`--host=${server.socketDirectory}`, `--port=${server.port}`, '--username=postgres']
  const { status, stderr } = await runCommand(program, [...connect, ...args, 'postgres'], {
    timeoutMs,
    owner,
  })
  if (status !== 0) throw new Error(`pgbench: ${stderr.trim()}`)
}
