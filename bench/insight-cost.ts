/**
 * What insight costs a server and the agent, beyond the agent without it: `npm run bench:insight [-- --parts] [-- --only waits,schema]
 * [-- --quick] [-- --first 420] [-- --probes] [-- --small] [-- --postgres 15] [-- --assert]`. The server has 5,000 statements in pg_stat_statements,
 * 10,000 tables, 20,000 indexes and 500 sessions, of which 16 work (`--small`: a tenth of it all). `--parts` measures each part alone as
 * well, `--probes` with all of the agent's probes beside it. Figures are of this machine and this run. `--assert` gives exit status 1
 * when a bar is not met.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startCollector } from '../testbed/pgherd.ts'
import { postgresMajors } from '../testbed/postgres.ts'
import { addedBy, bars } from './insight-cost/bars.ts'
import type { Added, Verdict } from './insight-cost/bars.ts'
import { all, each, without } from './insight-cost/configurations.ts'
import { startLab } from './insight-cost/lab.ts'
import { measure } from './insight-cost/measure.ts'
import { printAdded, printBars, printRun } from './insight-cost/report.ts'

const { values: given } = parseArgs({
  options: {
    parts: { type: 'boolean', default: false },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    first: { type: 'string' },
    small: { type: 'boolean', default: false },
    probes: { type: 'boolean', default: false },
    postgres: { type: 'string', default: '18' },
    assert: { type: 'boolean', default: false },
  },
})
const major = postgresMajors.find((one) => String(one) === given.postgres)
if (major === undefined) throw new Error(`--postgres: allowed: ${postgresMajors.join(', ')}`)
const scale = given.small ? 0.1 : 1
const size = {
  statements: 5_000 * scale,
  tables: 10_000 * scale,
  secondIndexes: 10_000 * scale,
  sessions: 500 * scale,
  working: 16,
}
/** Until all of a large schema has been told for the first time, and then for what is always done. */
const firstSeconds = Number(given.first ?? (given.quick ? 75 : 420))
const steadySeconds = given.quick ? 60 : 120
const only = given.only?.split(',')
const wanted =
  only === undefined
    ? [...(given.parts ? each : []), all]
    : [...each, all].filter(({ name }) => only.includes(name))

await using stack = new AsyncDisposableStack()
const directory = mkdtempSync(join(tmpdir(), 'pgherd-insight-cost-'))
stack.defer(() => rmSync(directory, { recursive: true, force: true }))
const collector = stack.use(await startCollector({ directory: join(directory, 'collector') }))
console.log(`making a server of PostgreSQL ${major}: ${JSON.stringify(size)}`)
const lab = stack.use(await startLab(size, major))
const admin = new pg.Client({ connectionString: lab.server.url('postgres', 'postgres') })
await admin.connect()
stack.defer(() => admin.end())

const about = { lab, collector, admin, directory, firstSeconds, steadySeconds, withProbes: given.probes }
// Without insight nothing takes long at first.
const baseline = await measure(without, { ...about, firstSeconds: 45, steadySeconds: 60 })
printRun(baseline)
const added: Added[] = []
const verdicts: Verdict[] = []
for (const configuration of wanted) {
  const run = await measure(configuration, about)
  printRun(run)
  const one = addedBy(run, baseline)
  added.push(one)
  if (configuration === all) verdicts.push(...bars(one, run.memory))
}
printAdded(added)
printBars(verdicts)
if (given.assert && verdicts.some(({ met }) => !met)) process.exitCode = 1
