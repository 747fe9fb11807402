import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresServer } from '../../testbed/postgres-server.ts'
import { runCommand } from '../../testbed/run-command.ts'
import type { Owner } from '../../testbed/unprivileged.ts'
import type { Workload } from './workloads.ts'

export interface PgbenchFigures {
  readonly perSecond: number
  readonly p95Ms: number
  readonly transactions: number
}

const program = 'pgbench'
const marginMs = 120_000

export async function initialise(server: PostgresServer, scale: number): Promise<void> {
  await pgbench(server, ['--initialize', '--quiet', `--scale=${scale}`], 600_000)
}

/** @param directory of the server's user, for scripts and the log of transactions */
export async function measure(
  server: PostgresServer,
  workload: Workload,
  options: {
    readonly seconds: number
    readonly seed: number
    readonly directory: string
    readonly owner: Owner | undefined
  },
): Promise<PgbenchFigures> {
  const { seconds, seed, directory, owner } = options
  const prefix = `log-${seed}-${process.hrtime.bigint()}`
  const scripts = workload.scripts.map((text, index) => {
    const file = join(directory, `${workload.profile}-${index}.sql`)
    writeFileSync(file, text, { mode: 0o644 })
    return `--file=${file}`
  })
  await pgbench(
    server,
    [
      '--no-vacuum',
      `--client=${workload.clients}`,
      '--jobs=2',
      `--time=${seconds}`,
      `--random-seed=${seed}`,
      '--log',
      `--log-prefix=${join(directory, prefix)}`,
      ...scripts,
    ],
    seconds * 1000 + marginMs,
    owner,
  )
  const latencies = readdirSync(directory)
    .filter((name) => name.startsWith(`${prefix}.`))
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
    // Source: pgbench's documentation, "Per-Transaction Logging": client, transaction, microseconds, ...
    .map((line) => Number(line.split(' ')[2]) / 1000)
    .toSorted((a, b) => a - b)
  return {
    perSecond: latencies.length / seconds,
    p95Ms: latencies[Math.min(latencies.length - 1, Math.ceil(latencies.length * 0.95) - 1)]!,
    transactions: latencies.length,
  }
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
