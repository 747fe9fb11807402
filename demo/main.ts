import { chmodSync } from 'node:fs'
import { systemClock } from '../common/clock.ts'
import { PgherdError, messageOf } from '../common/errors.ts'
import { aborted } from '../common/lifecycle.ts'
import type { Operator } from '../testbed/fleet.ts'
import { createOwnDirectory } from '../testbed/own-directory.ts'
import { parseDemoArguments } from './arguments.ts'
import type { DemoArguments } from './arguments.ts'
import { checkSurroundings } from './checks.ts'
import { interruptionSignal } from './interruption.ts'
import { createProgress } from './progress.ts'
import { readStoreFigures, renderSummary } from './summary.ts'
import { askForVerdict } from './verdict.ts'
import { watch } from './watch.ts'
import { startWorld } from './world.ts'
import type { World } from './world.ts'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** A terminal that was closed takes no more text; what is running has to be stopped all the same. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  const given = parseDemoArguments(process.argv.slice(2), print)
  if (given !== undefined) process.exitCode = await run(given)
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = error instanceof PgherdError ? error.exit : 1
}

/** @returns the exit status */
async function run(given: DemoArguments): Promise<number> {
  const signal = interruptionSignal(() => {
    process.exit(130)
  })
  await checkSurroundings(given.port)

  const start = performance.now()
  const own = createOwnDirectory({ prefix: 'pgherd-demo-' })
  const directory = own.path
  // PostgreSQL runs as another user when we are root, and has to pass through.
  chmodSync(directory, 0o711)

  const owned = new AsyncDisposableStack()
  const ending = new AbortController()
  const progress = createProgress(print, signal)
  try {
    print(`pgherd demo, everything in ${directory}`)
    const world = await startWorld({ directory, arguments: given, owned, progress, signal })
    print(welcome(given, world.operator, (performance.now() - start) / 1000))
    void watch(world.watched, print, AbortSignal.any([signal, ending.signal]))
    if (given.forMs === undefined) {
      await aborted(signal)
      return 0
    }
    await systemClock.sleep(given.forMs, signal)
    signal.throwIfAborted()
    return await conclude(world, given, start)
  } catch (error) {
    if (!signal.aborted) throw error
    print(messageOf(signal.reason))
    return 130
  } finally {
    ending.abort()
    print('\nstopping ...')
    await owned.disposeAsync()
    own[Symbol.dispose]()
    print('stopped; nothing is left behind')
  }
}

function welcome(given: DemoArguments, { home }: Operator, seconds: number): string {
  const agentctl = 'npm run -s agentctl --'
  return `
The herd is up after ${seconds.toFixed(1)} s: http://127.0.0.1:${given.port}/

Try, in another terminal (a rate needs two measurements, so give it ${2 * (given.intervalMs / 1000)} s):
  export XDG_CONFIG_HOME=${home}
  ${agentctl} nodes
  ${agentctl} query 'sum by (ins) (rate(pg_db_xact_commit[1m]))'
  ${agentctl} show activity -n demo-1
  ${agentctl} run vacuum table=public.transfers database=shop -n demo-1
  ${agentctl} audit

${given.forMs === undefined ? 'Ctrl-C stops everything.' : `It ends by itself after ${given.forMs / 1000} s.`}
`
}

/** The check and the table at the end of a timed demo. */
async function conclude(world: World, given: DemoArguments, start: number): Promise<number> {
  const problems = world.watched.filter((one) => !one.isRunning()).map((one) => `${one.name} has ended`)
  // Nobody else knows what was measured.
  if (world.collector.isRunning()) problems.push(...(await summarize(world, given, start)))
  for (const problem of problems) print(`  problem: ${problem}`)
  print(problems.length === 0 ? '\nBoth servers were measured without a gap.' : '\nThe demo failed.')
  return problems.length === 0 ? 0 : 1
}

/** Prints the table. @returns what is wrong with the measurements */
async function summarize(world: World, given: DemoArguments, start: number): Promise<readonly string[]> {
  // A measurement that was planned less than this ago may still be on its way.
  const onItsWayMs = Math.min(given.intervalMs, 3_000)
  const verdict = await askForVerdict(world.collector.url, {
    instances: world.servers.map((server) => server.name),
    intervalMs: given.intervalMs,
    fromMs: Date.now() - (performance.now() - start),
    untilMs: Date.now() - onItsWayMs,
  })
  print(
    renderSummary({
      upMs: performance.now() - start,
      store: await readStoreFigures(world.collector.url),
      verdict,
      agentBytes: world.agents.map((agent) => agent.residentBytes()),
      collectorBytes: world.collector.residentBytes(),
      transactions: world.workload.transactions(),
      workloadErrors: world.workload.errors(),
    }),
  )
  return verdict.problems
}
