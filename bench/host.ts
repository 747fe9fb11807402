/**
 * Measures what the host costs the agent, without the batch that is made of it:
 * `node --max-semi-space-size=2 --no-opt --no-maglev bench/host.ts [scrapes] [root]`. Scrapes follow each other at
 * once, on a clock that goes ten seconds further for each, so that whatever is due once a minute is so here. Figures
 * are of this machine and this run.
 */
import { parseArgs } from 'node:util'
import { createHost } from '../agent/host/host.ts'
import type { HostMeasurement } from '../agent/host/host.ts'
import type { Clock } from '../common/clock.ts'
import { systemClock } from '../common/clock.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const scrapes = Number(positionals[0] ?? 600)
const root = positionals[1] ?? '/'

let aheadMs = 0
const clock: Clock = {
  now: () => systemClock.now() + aheadMs,
  monotonic: () => systemClock.monotonic() + aheadMs,
  sleep: (ms, signal) => systemClock.sleep(ms, signal),
}

const memory = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
const collectGarbage = globalThis.gc ?? (() => undefined)

collectGarbage()
const emptyBytes = memory()
using measure = createHost({ clock, root })
const scrape = (): Promise<HostMeasurement> => {
  aheadMs += 10_000
  return measure(8_000)
}
for (let i = 0; i < 60; i++) await scrape()
const { tables } = await scrape()
const usage = process.cpuUsage()
const startedMs = systemClock.monotonic()
/** Seconds by collector; of one that runs aside only the run that the scrape saw anew. */
const seconds = new Map<string, number>()
for (let i = 0; i < scrapes; i++) {
  const measured = await scrape()
  const ages = new Map(rowsOf(measured, 'pgherd_host_collector_age_seconds'))
  for (const [name, took] of rowsOf(measured, 'node_scrape_collector_duration_seconds')) {
    if ((ages.get(name) ?? 0) < 10) seconds.set(name, (seconds.get(name) ?? 0) + took)
  }
}
const { user, system } = process.cpuUsage(usage)
const wallMs = (systemClock.monotonic() - startedMs) / scrapes
const samples = tables.flatMap(({ rows }) => rows.flatMap(({ values }) => values))
const count = samples.filter((value) => value !== undefined).length
console.log(
  `host: ${count} series, ${((user + system) / 1000 / scrapes).toFixed(2)} ms CPU ` +
    `(${(user / 1000 / scrapes).toFixed(2)} user), ${wallMs.toFixed(2)} ms wall per scrape`,
)
collectGarbage()
console.log(
  `${Math.round((memory() - emptyBytes) / 1024)} KiB kept${globalThis.gc === undefined ? ' (--expose-gc gives the true figure)' : ''}`,
)

for (const [name, sum] of [...seconds].sort(([, a], [, b]) => b - a).slice(0, 15)) {
  console.log(`  ${name.padEnd(18)} ${((sum / scrapes) * 1e6).toFixed(0).padStart(7)} µs wall per scrape`)
}

function rowsOf(measured: HostMeasurement, metric: string): readonly (readonly [string, number])[] {
  const table = measured.tables.find(({ metrics }) => metrics[0] === metric)
  return (table?.rows ?? []).map(({ labels, values }) => [labels[0]!, values[0]!])
}
