import type { Clock } from '../../common/clock.ts'
import { PgherdError, catalogue } from '../../common/errors.ts'
import { mostSamples } from '../../common/series/sample-table.ts'
import type { AgentConfig } from '../config.ts'
import { probePaths } from '../probe-files.ts'
import { loadProbes } from '../probes/load.ts'
import { beginRound } from '../scrape/source.ts'
import { createSeriesBudget } from '../scrape/series-budget.ts'
import { createSources } from '../sources.ts'
import type { TestReport } from './test-report.ts'
import { testWatchdog } from './test-watchdog.ts'
import { testCollector, testDirectory, testReceiver } from './test-way-out.ts'
import { testServer } from './test-server.ts'
import { createListeningLog } from './listening-log.ts'
import { describeFacts, lookAtServers } from './look.ts'

/**
 * Tries everything once and tells what works, what it costs, what is missing and what would bring it.
 * @returns 0, also when something is missing; 1 when something does not work
 */
export async function testItself(
  config: AgentConfig,
  context: {
    readonly clock: Clock
    readonly print: (line: string) => void
    /** Told of each server that cannot be measured at all. */
    readonly unreachable?: (name: string, error: PgherdError) => void
  },
): Promise<number> {
  const { clock, print } = context
  let faults = 0
  let gaps = 0
  const report: TestReport = {
    say: print,
    good: (what) => print(`  ok       ${what}`),
    missing(what, remedy) {
      gaps++
      print(`  missing  ${what}`)
      if (remedy !== undefined) print(`           ${remedy}`)
    },
    bad(what) {
      faults++
      print(`  FAILED   ${what}`)
    },
  }
  const probes = await loadProbes(...probePaths(config))
  for await (const looked of lookAtServers(config, probes, clock)) {
    await using server = looked
    const { facts, name, session } = server
    if (facts instanceof PgherdError) {
      print(name)
      report.bad(facts.message)
      if (!server.isPooler) context.unreachable?.(name, facts)
      continue
    }
    print(`${name}: ${describeFacts(facts)}`)
    await testServer({ session, facts, probes, tags: new Set(config['postgres.tags']), clock, report })
  }
  await testWatchdog(config, { clock, report })
  await testOthers(config, { clock, report })
  print('The way out')
  await testDirectory(config['spool.directory'], report)
  await testCollector(config, report)
  for (const { name, url } of config.destinations) await testReceiver(url, `destination ${name}`, report)
  print(`${faults} failed, ${gaps} missing`)
  return faults === 0 ? 0 : catalogue.PROBE_FAILED.exit
}

/** The host, the neighbours and the endpoints: whatever is no server or pooler. */
async function testOthers(
  config: AgentConfig,
  { clock, report }: { readonly clock: Clock; readonly report: TestReport },
): Promise<void> {
  const limitMs = config['scrape.timeout']
  const listening = createListeningLog()
  await using stack = new AsyncDisposableStack()
  const others = createSources({
    config: { ...config, 'postgres.enabled': false, poolers: [] },
    probes: () => [],
    budget: createSeriesBudget(Infinity),
    clock,
    log: listening.log,
  })
  if (others.length > 0) report.say('Beside PostgreSQL')
  for (const source of others) {
    stack.use(source)
    const startedMs = clock.monotonic()
    const { up, tables } = await source.measure(beginRound(clock.now(), limitMs, clock))
    const samples = mostSamples(tables)
    const ms = (clock.monotonic() - startedMs).toFixed(1)
    const what = `${source.labels['job'] ?? ''} ${source.labels['instance'] ?? ''}`
    const complaints = listening.take().map((message) => message.replace(/^scrape: /, ''))
    if (up) report.good(`${what}: about ${samples} series in ${ms} ms`)
    else report.bad(`${what}: ${complaints.shift() ?? 'cannot be measured'}`)
    for (const complaint of complaints) report.say(`           ${complaint}`)
  }
}
