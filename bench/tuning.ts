/**
 * pgbench on PostgreSQL 15 (Debian's) with its default settings, with PGTune's values and with pgherd's, in turns on the same data and in one
 * run: `npm run bench:tuning [-- --seconds 60] [-- --rounds 3] [-- --scale 100] [-- --disk ssd] [-- --assert]`. Throughput and the 95th
 * percentile of latency of each round, and their medians. `--assert` gives exit status 1 when a median of pgherd is worse than that of PGTune,
 * or not better than that of the defaults.
 */
import { existsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { diskClasses } from '../agent/tuning/recommend/machine.ts'
import type { Machine } from '../agent/tuning/recommend/machine.ts'
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
import { initialise, measure } from './tuning/run-pgbench.ts'
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
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
    scale: { type: 'string', default: '100' },
    disk: { type: 'string', default: 'ssd' },
    assert: { type: 'boolean', default: false },
  },
})
const [seconds, rounds, scale] = [Number(given.seconds), Number(given.rounds), Number(given.scale)]
const diskClass = diskClasses.find((one) => one === given.disk)
if (
  ![seconds, rounds, scale].every((value) => Number.isInteger(value) && value > 0) ||
  diskClass === undefined
) {
  console.error(
    `whole numbers above 0 for --seconds, --rounds and --scale; --disk one of ${diskClasses.join(', ')}`,
  )
  process.exit(2)
}
if (findProgram('pgbench') === undefined || !existsSync(binaries.postgres)) {
  console.error(`not installed, so there is nothing to measure with: pgbench and PostgreSQL ${major}`)
  process.exit(2)
}

const warmUpSeconds = 10
/** Source: pgbench's documentation: a scale of 1 is about 16 MB with its indexes. */
const databaseBytes = scale * 16 * 1024 ** 2
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
const home = stack.use(createHome())
await createCluster(binaries, home.dataDirectory)
writeAuthentication(home.dataDirectory, 'trust')
const server = stack.use(createServer({ name: 'bench', binaries, port: await freePort(), home }))
console.log(
  `PostgreSQL ${server.version}, ${machine.processors} processors, scale ${scale}: making the data ...`,
)
await restart(server, ofPgherd(machine, 'oltp', major, databaseBytes))
await initialise(server, scale)

const all: Round[] = []
for (const workload of workloads) {
  const configurations: readonly (readonly [string, Configuration])[] = [
    ['defaults', {}],
    ['PGTune', ofPgtune(machine, workload.profile)],
    ['pgherd', ofPgherd(machine, workload.profile, major, databaseBytes)],
  ]
  for (let round = 0; round < rounds; round++) {
    // Another one begins each round, so that none always has what the one before left.
    for (let turn = 0; turn < configurations.length; turn++) {
      const [name, configuration] = configurations[(turn + round) % configurations.length]!
      all.push({
        workload: workload.name,
        configuration: name,
        round,
        ...(await run(workload, configuration, round)),
      })
      printRound(all.at(-1)!)
    }
  }
}
printSummary(all)
const verdicts = verdictsOf(all)
for (const { text } of verdicts) console.log(text)
if (given.assert && verdicts.some(({ holds }) => !holds)) process.exitCode = 1

async function run(workload: Workload, configuration: Configuration, seed: number) {
  await restart(server, configuration)
  await server.query('vacuum analyze')
  const options = { seed, directory: directory.path, owner }
  await measure(server, workload, { ...options, seconds: warmUpSeconds })
  await server.query('checkpoint')
  return measure(server, workload, { ...options, seconds })
}

/** With nothing but these settings, where and by whom it is reached, and what makes it durable. */
async function restart(postgres: PostgresServer, configuration: Configuration): Promise<void> {
  if (postgres.isRunning()) await postgres.stop()
  writeSettings(postgres.dataDirectory, {
    port: String(postgres.port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: postgres.socketDirectory,
    ...configuration,
  })
  await postgres.start()
}
