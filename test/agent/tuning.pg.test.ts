import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ConnectionSlots } from '../../agent/postgres/connection-slots.ts'
import { openTuning } from '../../agent/tuning.ts'
import { systemClock } from '../../common/clock.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { configuredAgent } from './configured-agent.ts'
import { createHeardLog } from './neighbours/probing.ts'
import { createMonitor, measureServer } from './scrape/measured-server.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
  await createMonitor(server)
})
afterAll(() => server[Symbol.asyncDispose]())

/** Fifteen seconds are thirty milliseconds. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 500, signal),
}

async function opened(options: Readonly<Record<string, string>> = {}, shared?: string) {
  const url = server.url('postgres', 'pgherd')
  const { config, directory } = await configuredAgent(url, options, shared)
  const slots: ConnectionSlots = new Set()
  const log = createHeardLog()
  const tuning = await openTuning(config, { clock, log, slotsOf: () => slots })
  onTestFinished(() => tuning?.[Symbol.asyncDispose]())
  const figure = (name: string): Readonly<Record<string, number>> => {
    const read = tuning?.figures.find((one) => one.name === name)?.read()
    return read as Readonly<Record<string, number>>
  }
  return { tuning, log, slots, directory, figure }
}

test('the agent keeps a history of its server beside the spool, and tells how it is', async () => {
  const { tuning, slots, directory, figure } = await opened()
  await using agent = await measureServer(server, undefined, { slots })
  const over = new AbortController()
  const running = tuning!.run(over.signal)
  expect(await tuning!.evidence('pg-test-1', 24)).toBeUndefined()
  await agent.scrape()
  await expect.poll(() => figure('pgherd_tuning_samples_total')['pg-test-1']).toBeGreaterThan(2)
  over.abort()
  await running
  const found = await tuning!.evidence('pg-test-1', 24)
  expect(found?.evidence.last('activity.client_backends')).toBeGreaterThan(0)
  expect(found?.newerHalf).toBeDefined()
  expect(await tuning!.evidence('pg-test-2', 24)).toBeUndefined()
  expect(await readdir(join(directory, 'tuning', 'history', 'pg-test-1'))).toHaveLength(1)
  expect(figure('pgherd_tuning_failures_total')).toEqual({ 'pg-test-1': 0 })
  expect(figure('pgherd_tuning_history_hours')['pg-test-1']).toBeLessThan(0.1)
})

test('it keeps none where it is not wanted', async () => {
  expect((await opened({ 'tuning.enabled': 'false' })).tuning).toBeUndefined()
  expect((await opened({ 'postgres.enabled': 'false' })).tuning).toBeUndefined()
})

test('a directory that cannot be had is said, and measuring goes on without a history', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tuning-'))
  await writeFile(join(directory, 'file'), '')
  const { tuning, log } = await opened({ 'tuning.directory': join(directory, 'file') }, directory)
  expect(tuning).toBeUndefined()
  expect(log.heard).toEqual([expect.stringMatching(/^error tuning: there is no history: /)])
})

test('two agents do not write into one history', async () => {
  const first = await opened()
  expect(first.tuning).toBeDefined()
  const second = await opened({}, first.directory)
  expect(second.tuning).toBeUndefined()
  expect(second.log.heard).toEqual([expect.stringContaining('is in use by process')])
})
