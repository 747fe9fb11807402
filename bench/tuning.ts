/**
 * pgbench's own load and an analytical one on PostgreSQL 15 (Debian's) with its default settings, with PGTune's values and with pgherd's, in
 * turns, on the same data, in one run: `npm run bench:tuning [-- --rounds 3] [-- --seconds 25] [-- --queries 6] [-- --scale 100]
 * [-- --disk ssd] [-- --load oltp|olap] [-- --assert]`, some 20 minutes. Throughput and the 95th percentile of latency of each round, their
 * medians, and by how much pgherd is better in the same round. pgbench's own runs for so many seconds, as it has no end; the analytical one
 * is so many queries of each client, the same ones each time. `--assert` gives exit status 1 where pgherd is worse than PGTune, or not
 * better than the defaults.
 */
import { existsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { diskClasses } from '../agent/tuning/recommend/machine.ts'
import type { Machine } from '../agent/tuning/recommend/machine.ts'
import { printAbout } from '../common/tuning/print-size.ts'
import { findProgram } from '../testbed/find-program.ts'
import { createOwnDirectory } from '../testbed/own-directory.ts'
import { freePort } from '../testbed/ports.ts'
import { createHome, createServer } from '../testbed/postgres-server.ts'
import type { PostgresServer } from '../testbed/postgres-server.ts'
import { createCluster } from '../testbed/postgres-template.ts'
import { writeAuthentication, writeSettings } from '../testbed/postgres-settings.ts'
import { unprivilegedOwner } from '../testbed/unprivileged.ts'
import { ofPgherd, ofPgtune } from './tuning/configurations.ts'
import type { Configuration } from './tuning/configurations.ts'
import { printRound, printSummary, verdictsOf } from './tuning/report.ts'
import type { Round } from './tuning/report.ts'
import { makeSales } from './tuning/sales.ts'
import { initialise, measure } from './tuning/run-pgbench.ts'
import type { PgbenchFigures } from './tuning/run-pgbench.ts'
import { workloads } from './tuning/workloads.ts'
import type { Workload } from './tuning/workloads.ts'

const major = 15
/** Debian's: its build has LZ4 and JIT, as what people run has. */
const programs = `/usr/lib/postgresql/${major}/bin`
const binaries = {
  major,
  version: String(major),
  postgres: `${programs}/postgres`,
  initdb: `${programs}/initdb`,
} as const
const { values: given } = parseArgs({
  options: {
    seconds: { type: 'string', default: '25' },
    queries: { type: 'string', default: '6' },
    load: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '100' },
    disk: { type: 'string', default: 'ssd' },
    assert: { type: 'boolean', default: false },
  },
})
const numbers = [given.seconds, given.rounds, given.scale, given.queries].map(Number)
const [seconds = 0, rounds = 0, scale = 0, queries = 0] = numbers
const diskClass = diskClasses.find((one) => one === given.disk)
if (
  !numbers.every((value) => Number.isInteger(value) && value > 0) ||
  diskClass === undefined ||
  !(given.load === undefined || given.load === 'oltp' || given.load === 'olap')
) {
  console.error(
    `whole numbers above 0 for --seconds, --queries, --rounds and --scale; --disk one of ${diskClasses.join(', ')}; --load oltp or olap`,
  )
  process.exit(2)
}
if (findProgram('pgbench') === undefined || !existsSync(binaries.postgres)) {
  console.error(`not installed, so there is nothing to measure with: pgbench and PostgreSQL ${major}`)
  process.exit(2)
}

const warmUp = { oltp: { seconds: 10 }, olap: { transactions: 1 } } as const
/** The same queries in each round, so that rounds differ by nothing but the machine. */
const seed = 1
const loads = workloads(queries).filter(({ profile }) => given.load === undefined || profile === given.load)
const machine: Machine = {
  memoryBytes: totalmem(),
  processors: availableParallelism(),
  diskClass,
  dataDiskBytes: null,
  walDiskBytes: null,
  fileSystem: null,
  freeHugePageBytes: null,
}

await using stack = new AsyncDisposableStack()
const owner = unprivilegedOwner()
const directory = createOwnDirectory({ prefix: 'pgherd-bench-tuning-' }, owner)
stack.defer(() => directory[Symbol.dispose]())
const names = ['defaults', 'PGTune', 'pgherd'] as const
type Name = (typeof names)[number]
console.log(
  `PostgreSQL ${major}, ${machine.processors} processors, ${printAbout(machine.memoryBytes)}, scale ${scale}`,
)
const servers = new Map<Name, PostgresServer>()
let databaseBytes: number | null = null
const startedMs = performance.now()
for (const name of names) {
  console.log(`${name}: making the data ...`)
  // Each has a cluster of its own, so that its WAL is in the state that it came to by its settings; one runs at a time.
  const home = stack.use(createHome())
  await createCluster(binaries, home.dataDirectory)
  writeAuthentication(home.dataDirectory, 'trust')
  const server = stack.use(createServer({ name, binaries, port: await freePort(), home }))
  servers.set(name, server)
  await start(server, configurationOf(name, 'oltp'))
  await initialise(server, scale)
  await server.query(makeSales)
  await server.query('vacuum analyze')
  const [size] = await server.query<{ readonly bytes: string }>(
    'select pg_database_size(current_database()) as bytes',
  )
  databaseBytes = Number(size?.bytes)
  await server.stop()
}

const all: Round[] = []
for (const workload of loads) {
  for (let round = 0; round < rounds; round++) {
    // Another one begins each round, so that none always has what the one before left of caches.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length]!
      all.push({ workload: workload.name, configuration: name, round, ...(await run(name, workload)) })
      printRound(all.at(-1)!)
    }
  }
}
printSummary(all)
console.log(`${((performance.now() - startedMs) / 60_000).toFixed(1)} minutes`)
const verdicts = verdictsOf(all)
for (const { text } of verdicts) console.log(text)
if (given.assert && verdicts.some(({ holds }) => !holds)) process.exitCode = 1

function configurationOf(name: Name, profile: Workload['profile']): Configuration {
  if (name === 'defaults') return {}
  return name === 'PGTune' ? ofPgtune(machine, profile) : ofPgherd(machine, profile, major, databaseBytes)
}

async function run(name: Name, workload: Workload): Promise<PgbenchFigures> {
  const server = servers.get(name)!
  await start(server, configurationOf(name, workload.profile))
  await server.query('vacuum analyze')
  const options = { seed, directory: directory.path, owner }
  await measure(server, workload, { ...options, amount: warmUp[workload.profile] })
  await server.query('checkpoint')
  const { transactions } = workload
  const amount = transactions === undefined ? { seconds } : { transactions }
  const figures = await measure(server, workload, { ...options, amount })
  await server.stop()
  return figures
}

/** With nothing but these settings, and where and by whom it is reached. */
async function start(server: PostgresServer, configuration: Configuration): Promise<void> {
  writeSettings(server.dataDirectory, {
    port: String(server.port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: server.socketDirectory,
    ...configuration,
  })
  await server.start()
}
