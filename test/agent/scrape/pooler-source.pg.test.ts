import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { loadProbes } from '../../../agent/probes/load.ts'
import { createPoolerSource } from '../../../agent/scrape/pooler-source.ts'
import { createSeriesBudget } from '../../../agent/scrape/series-budget.ts'
import { createSourceScrape } from '../../../agent/scrape/source-scrape.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { batchSamples } from './batch-samples.ts'

describe.skipIf(findProgram('pgbouncer') === undefined)('a pooler', () => {
  let server: PostgresServer
  let pooler: Pgbouncer

  beforeAll(async () => {
    server = await startPostgres()
    await server.query(`create role app login password 'secret'`)
    pooler = (await startPgbouncer({ postgres: server }))!
  })
  afterAll(async () => {
    await pooler[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  async function measure(url: string, budget = createSeriesBudget(Infinity)) {
    const probes = await loadProbes()
    const warnings: string[] = []
    const ignore = (): void => undefined
    const warn = (_: unknown, message?: string): void => void warnings.push(message ?? '')
    const log: Log = { debug: ignore, info: ignore, warn, error: warn, child: () => log }
    const source = createPoolerSource({
      url,
      identity: { cluster: 'pg-test', seq: 1, ip: '127.0.0.1' },
      probes: () => probes,
      clock: systemClock,
      log,
    })
    onTestFinished(() => source[Symbol.asyncDispose]())
    const scraping = createSourceScrape(source, { timeoutMs: 4_000, budget, clock: systemClock, log })
    let timestampMs = Date.now()
    return {
      warnings,
      scrape: async () => batchSamples(await scraping.scrape((timestampMs += 10_000))),
    }
  }

  test('is measured on its console, again and again, without a complaint', async () => {
    const { scrape, warnings } = await measure(pooler.adminUrl)
    await scrape()
    expect(await scrape()).toMatchObject({ up: 1, pgbouncer_up: 1 })
    expect(warnings).toEqual([])
  })

  test('is said to be up also by an agent that has as many series as it may have', async () => {
    const { scrape } = await measure(pooler.adminUrl, createSeriesBudget(0))
    const samples = await scrape()
    expect(samples).toMatchObject({ up: 1, pgbouncer_up: 1 })
    expect(samples['pgherd_scrape_refused_samples']).toBeGreaterThan(0)
  })

  test.each([
    ['whose console refuses the user', () => pooler.url('pgbouncer', 'app', 'secret'), 'stats_users'],
    [
      'of which only a database was given',
      () => pooler.url('postgres', 'app', 'secret'),
      'the database pgbouncer',
    ],
    ['that is a server', () => server.url('postgres', 'app', 'secret'), 'no console of pgBouncer'],
    [
      'that is not there',
      () => 'postgres://app@127.0.0.1:1/pgbouncer',
      'pgBouncer at 127.0.0.1:1: ECONNREFUSED',
    ],
  ])('%s is down, and the log says why', async (_, url, reason) => {
    const { scrape, warnings } = await measure(url())
    expect(await scrape()).toMatchObject({ up: 0, pgbouncer_up: 0 })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(reason)
  })
})
