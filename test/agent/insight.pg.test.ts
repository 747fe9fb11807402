import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openInsight } from '../../agent/insight.ts'
import type { ConnectionSlots } from '../../agent/postgres/connection-slots.ts'
import type { ProbeDefinition } from '../../agent/probes/definition.ts'
import { createPostgresSource } from '../../agent/scrape/postgres-source.ts'
import { createSourceScrape } from '../../agent/scrape/source-scrape.ts'
import { systemClock } from '../../common/clock.ts'
import { silentLog } from '../../common/log.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { configuredAgent } from './configured-agent.ts'
import { createHeardLog } from './neighbours/probing.ts'
import { batchSamples } from './scrape/batch-samples.ts'
import { createMonitor } from './scrape/measured-server.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
  await createMonitor(server)
})
afterAll(() => server[Symbol.asyncDispose]())

async function opened(options: Readonly<Record<string, string>> = {}, shared?: string) {
  const url = server.url('postgres', 'pgherd')
  const { config, directory } = await configuredAgent(url, options, shared)
  const slots: ConnectionSlots = new Set()
  const log = createHeardLog()
  const watchdogs = { create: () => [] }
  const insight = await openInsight(config, { clock: systemClock, log, slotsOf: () => slots, watchdogs })
  onTestFinished(() => insight?.[Symbol.asyncDispose]())
  return { insight, log, slots, directory }
}

/** The same each time: with other probes the source opens another connection. */
const noProbes: readonly ProbeDefinition[] = []

test('what is found out is told with the scrape of the server, and ends with it', async () => {
  const { insight, slots, directory } = await opened()
  const source = createPostgresSource({
    url: server.url('postgres', 'pgherd'),
    identity: { cluster: 'pg-test', seq: 1, ip: '127.0.0.1' },
    probes: () => noProbes,
    slots,
    besides: () => insight!.tables('pg-test-1'),
    clock: systemClock,
    log: silentLog,
  })
  onTestFinished(() => source[Symbol.asyncDispose]())
  const scraping = createSourceScrape(source, { timeoutMs: 4_000, clock: systemClock, log: silentLog })
  let timestampMs = Date.now()
  const scrape = async () => batchSamples(await scraping.scrape((timestampMs += 10_000)))
  await scrape()
  const over = new AbortController()
  const running = insight!.run(over.signal)
  // A table that stays the same is not told each time.
  let told: unknown
  const newest = async (): Promise<unknown> => (told = (await scrape())['pgherd_ash_samples_total'] ?? told)
  await expect.poll(async () => Number(await newest()), { timeout: 10_000, interval: 250 }).toBeGreaterThan(1)
  expect(insight!.tables('pg-other-1')).toEqual([])
  over.abort()
  await running
  await server.stop('immediate')
  expect(await scrape()).toMatchObject({ pg_up: 0, pgherd_ash_samples_total: 'stale' })
  await server.start()
  expect((await readdir(join(directory, 'insight'))).sort()).toEqual(['outbox', 'pg-test-1'])
})

test('there is none where it is not wanted, or nothing is watched', async () => {
  expect((await opened({ 'insight.enabled': 'false' })).insight).toBeUndefined()
  expect((await opened({ 'postgres.enabled': 'false' })).insight).toBeUndefined()
})

test('a directory that cannot be had is said, and measuring goes on without insight', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'insight-'))
  await writeFile(join(directory, 'file'), '')
  const { insight, log } = await opened({ 'insight.directory': join(directory, 'file') }, directory)
  expect(insight).toBeUndefined()
  expect(log.heard).toEqual([expect.stringMatching(/^error insight: there is none: /)])
})

test('two agents do not tell out of one directory', async () => {
  const first = await opened()
  const second = await opened({}, first.directory)
  expect(first.insight).toBeDefined()
  expect(second.insight).toBeUndefined()
  expect(second.log.heard[0]).toMatch(/is in use by process/)
})
