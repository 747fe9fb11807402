/**
 * What the agent costs its host, side by side with the programs of Debian that do the same, on the same servers and in
 * one run: `npm run bench:agent-cost [-- --quick] [-- --seconds 30] [-- --assert]`. Figures are of this machine and this
 * run. `--assert` gives exit status 1 when a bar is not met.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startCollector } from '../testbed/pgherd.ts'
import { startManyServersAgent, startOneServerAgent } from './agent-cost/agents.ts'
import { bars } from './agent-cost/bars.ts'
import type { AgentFigures, PeerFigures } from './agent-cost/bars.ts'
import { roles, startLab, startSmallServers } from './agent-cost/lab.ts'
import type { Lab } from './agent-cost/lab.ts'
import { lately, quantile, seriesBy, watch } from './agent-cost/measure.ts'
import { missingPeers, startPeers } from './agent-cost/peers.ts'
import { printAgent, printBars, printPeers } from './agent-cost/report.ts'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    assert: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    servers: { type: 'string', default: '10' },
  },
})
const seconds = Number(given.seconds ?? (given.quick ? 12 : 30))
/** Until young programs have done what they do only once. */
const warmUpSeconds = given.quick ? 5 : 10

const missing = missingPeers()
if (missing.length > 0) {
  console.error(`not installed, so there is nothing to compare with: ${missing.join(', ')}`)
  process.exit(2)
}

await using stack = new AsyncDisposableStack()
const directory = mkdtempSync(join(tmpdir(), 'pgherd-agent-cost-'))
stack.defer(() => rmSync(directory, { recursive: true, force: true }))
const [lab, collector] = await Promise.all([
  startLab(),
  startCollector({ directory: join(directory, 'collector') }),
])
stack.use(collector)
stack.use(lab)

const peers = await measurePeers(lab)
printPeers(peers)
const agent = await measureAgent(lab)
printAgent(agent, 'the agent, a scrape a second')
const rest = await measureAtTenSeconds(lab)
for (const one of rest) printAgent(one.figures, one.what)
const verdicts = bars({
  peers,
  agent,
  atTenSeconds: rest[0]!.figures,
  manyServers: rest[1]!.figures,
})
printBars(verdicts)
if (given.assert && verdicts.some(({ met }) => !met)) process.exitCode = 1

async function measurePeers(on: Lab): Promise<PeerFigures> {
  await using running = await startPeers(on, join(directory, 'peers'), collector.url)
  await sleep(warmUpSeconds * 1000)
  const { costs, server } = await watch({
    processes: [
      ...running.exporters.map(({ job, child }) => ({ name: job, pid: child.pid })),
      { name: 'vmagent', pid: running.vmagent.pid },
    ],
    role: { server: on.primary, name: roles.exporter },
    seconds,
    intervalMs: 1000,
  })
  const series = await seriesBy(collector.url, ['job'], 'job=~".+_exporter"')
  const durations = new Map<string, readonly number[]>()
  for (const { job } of running.exporters) {
    durations.set(job, await lately(collector.url, `scrape_duration_seconds{job="${job}"}`, seconds))
  }
  return { costs, series, durations, server: server! }
}

async function measureAgent(on: Lab): Promise<AgentFigures> {
  const cluster = 'every-second'
  await using running = await startOneServerAgent(on, {
    cluster,
    directory,
    collectorUrl: collector.url,
    interval: '1s',
  })
  await sleep(warmUpSeconds * 1000)
  return await figures(running.pid, cluster, seconds, 1000, on)
}

/** Both at once: they wait nearly all the time, and this run would take a minute longer. */
async function measureAtTenSeconds(on: Lab): Promise<readonly { what: string; figures: AgentFigures }[]> {
  const count = Number(given.servers)
  await using small = await startSmallServers(count)
  const common = { directory, collectorUrl: collector.url, interval: '10s' } as const
  await using one = await startOneServerAgent(on, { cluster: 'every-ten', ...common })
  await using many = await startManyServersAgent(small.servers, { cluster: 'many', ...common })
  await sleep(20_000)
  const span = given.quick ? 20 : 40
  const [ofOne, ofMany] = await Promise.all([
    figures(one.pid, 'every-ten', span, 10_000, on),
    figures(many.pid, 'many', span, 10_000),
  ])
  return [
    { what: 'the agent, a scrape every ten seconds', figures: ofOne },
    { what: `the agent with ${count} servers, every ten seconds`, figures: ofMany },
  ]
}

async function figures(
  pid: number,
  cluster: string,
  span: number,
  intervalMs: number,
  on?: Lab,
): Promise<AgentFigures> {
  const { costs, server } = await watch({
    processes: [{ name: 'agent', pid }],
    ...(on === undefined ? {} : { role: { server: on.primary, name: roles.agent } }),
    seconds: span,
    intervalMs,
  })
  const mine = `cls="${cluster}"`
  const series = await seriesBy(collector.url, ['job', 'ins'], mine)
  const durations = new Map<string, readonly number[]>()
  for (const source of series.keys()) {
    const [job, ins] = source.split(' ')
    const selector = `scrape_duration_seconds{${mine}, job="${job ?? ''}", ins="${ins ?? ''}"}`
    durations.set(source, await lately(collector.url, selector, span))
  }
  // The histogram behind them holds the time from tick to tick; the middle one is a tick that nothing held up.
  const p99 = await lately(collector.url, `nodejs_eventloop_lag_p99_seconds{${mine}}`, span)
  const p50 = await lately(collector.url, `nodejs_eventloop_lag_p50_seconds{${mine}}`, span)
  return {
    cost: costs[0]!,
    series,
    durations,
    server,
    eventLoopDelayMs: (quantile(p99, 0.5) - quantile(p50, 0.5)) * 1000,
  }
}
