/**
 * What the agent's health cycle costs: `npm run bench:health-cycle [-- seconds]`. A process that does nothing else looks at a real
 * PostgreSQL each second, alone, and with a Patroni and an etcd beside it that answer what real ones have answered; both run at
 * the same time, with the V8 settings of the agent. Figures are user and system time of the process, of this machine and
 * this run; a full collection of garbage, which comes once in minutes, is in the second figure only.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startPostgres } from '../testbed/postgres.ts'
import { recordedState, startRecordedPatroni } from '../testbed/recorded-patroni/server.ts'
import { runCommand } from '../testbed/run-command.ts'

const seconds = Number(process.argv[2] ?? 60)
const program = fileURLToPath(new URL('health-cycle/cycle.ts', import.meta.url))
/** As in package.json. */
const settings = [
  ...['--max-semi-space-size=2', '--no-opt', '--no-maglev', '--single-threaded', '--optimize-for-size'],
  ...['--no-incremental-marking', '--heap-growing-percent=10'],
]
const found = z.object({
  /** Of ten seconds each, microseconds of the processor. */
  windows: z.array(z.object({ user: z.number(), system: z.number() })),
  members: z.number(),
  etcd: z.boolean().nullable(),
})
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const directory = mkdtempSync(join(tmpdir(), 'pgherd-bench-health-cycle-'))
try {
  await using postgres = await startPostgres({ major: 15 })
  await using patroni = await startRecordedPatroni(recordedState('healthy'))
  const etcd = createServer((_request, response) => response.end('{"health":"true"}'))
  await new Promise<void>((resolve) => etcd.listen(0, '127.0.0.1', resolve))
  const { port } = etcd.address() as AddressInfo
  const alone = `identity: { cluster: bench, seq: 1, ip: 127.0.0.1 }\npostgres: { url: '${postgres.url()}' }\n`
  const neighbours = `neighbours: [{ kind: patroni, url: '${patroni.urls['m3']}' }, { kind: etcd, url: 'http://127.0.0.1:${port}' }]\n`
  const measure = async (what: string, text: string): Promise<void> => {
    const file = join(directory, `${what.replaceAll(' ', '-')}.yaml`)
    writeFileSync(file, text)
    const profile = process.env['PGHERD_BENCH_PROFILE']
    const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
    const args = [...settings, ...flags, program, file, String(seconds)]
    const timeoutMs = 1_000 * seconds + 60_000
    const { stdout, stderr } = await runCommand(process.execPath, args, { timeoutMs })
    if (stdout === '') throw new Error(stderr)
    const { windows, ...seen } = found.parse(JSON.parse(stdout))
    const shares = windows.map(({ user, system }) => (user + system) / 1e5)
    const mean = shares.reduce((sum, one) => sum + one, 0) / shares.length
    console.log(
      `${what.padEnd(22)} ${middle(shares).toFixed(3)} % of a core in the middle of ${shares.length} windows of 10 s, ${mean.toFixed(3)} % of all (members ${seen.members}, etcd ${seen.etcd})`,
    )
  }
  await Promise.all([measure('alone', alone), measure('with Patroni and etcd', alone + neighbours)])
  etcd.close()
  etcd.closeAllConnections()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
