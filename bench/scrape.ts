/**
 * Measures what a scrape costs the agent, on a real server: `node bench/scrape.ts [databases] [scrapes]`. CPU is of
 * this process; the memory includes the test bed that runs in it. Figures are of this machine and this run.
 */
import { parseArgs } from 'node:util'
import { loadProbes } from '../agent/probes/load.ts'
import type { Batch } from '../agent/scrape/batch.ts'
import { createHostSource } from '../agent/scrape/host-source.ts'
import { createPostgresSource } from '../agent/scrape/postgres-source.ts'
import { createSourceScrape } from '../agent/scrape/source-scrape.ts'
import type { Source } from '../agent/scrape/source.ts'
import { systemClock } from '../common/clock.ts'
import { silentLog } from '../common/log.ts'
import { startPostgres } from '../testbed/postgres.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const databases = Number(positionals[0] ?? 5)
const scrapes = Number(positionals[1] ?? 200)

const clock = systemClock
const log = silentLog
const identity = { cluster: 'bench', seq: 1, ip: '127.0.0.1' }

/** Scrapes as fast as it can, with timestamps ten seconds apart so that every ttl is met as often as in life. */
async function measure(name: string, source: Source): Promise<void> {
  const scraping = createSourceScrape(source, { timeoutMs: 8_000, clock, log })
  let timestampMs = clock.now()
  const next = (): Promise<Batch> => scraping.scrape((timestampMs += 10_000))
  let batch = await next()
  for (let i = 0; i < 30; i++) batch = await next()
  const usage = process.cpuUsage()
  const startedMs = clock.monotonic()
  for (let i = 0; i < scrapes; i++) batch = await next()
  const { user, system } = process.cpuUsage(usage)
  const wallMs = (clock.monotonic() - startedMs) / scrapes
  console.log(
    `${name}: ${batch.series.length} series, ${((user + system) / 1000 / scrapes).toFixed(2)} ms CPU, ` +
      `${wallMs.toFixed(2)} ms wall per scrape; resident ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`,
  )
}

await using server = await startPostgres()
await server.query('create role pgherd login')
await server.query('grant pg_monitor to pgherd')
for (let i = 1; i < databases; i++) await server.query(`create database app${i}`)

const probes = await loadProbes()
await using postgres = createPostgresSource({
  url: server.url('postgres', 'pgherd'),
  identity,
  probes: () => probes,
  databaseIntervalMs: 30_000,
  clock,
  log,
})
await measure(`postgres, ${databases} databases`, postgres)
await using host = createHostSource({ identity, clock, log })
await measure('host', host)
