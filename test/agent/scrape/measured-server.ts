import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadProbes } from '../../../agent/probes/load.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import type { DatabaseFilter } from '../../../agent/scrape/database-filter.ts'
import { createPostgresSource } from '../../../agent/scrape/postgres-source.ts'
import { createSourceScrape } from '../../../agent/scrape/source-scrape.ts'
import { systemClock } from '../../../common/clock.ts'
import type { Clock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { batchSamples } from './batch-samples.ts'

export type Samples = Readonly<Record<string, number | 'stale'>>

/** A server with an agent's view of it, scraped when the test says so and as if ten seconds had passed. */
export interface MeasuredServer extends AsyncDisposable {
  /** Measures, and gives what a store has then: what is not told again goes on, what has ended is there once more. */
  scrape(): Promise<Samples>
}

export const timeoutMs = 4_000

export interface MeasuredServerOptions {
  readonly databases?: DatabaseFilter
  readonly maxDatabaseSeries?: () => number
  readonly databaseIntervalMs?: number
  readonly timeoutMs?: number
  readonly slots?: ConnectionSlots
  /** Tells what things cost and when a deadline has passed. */
  readonly clock?: Clock
}

/** @param probes text of a probe file in place of the agent's catalogue */
export async function measureServer(
  server: PostgresServer,
  probes?: string,
  options: MeasuredServerOptions = {},
): Promise<MeasuredServer> {
  const { clock = systemClock } = options
  const loaded = probes === undefined ? await loadProbes() : await loadText(probes)
  const source = createPostgresSource({
    url: server.url('postgres', 'pgherd'),
    identity: { cluster: 'pg-test', seq: 1, ip: '127.0.0.1' },
    probes: () => loaded,
    ...options,
    clock,
    log: silentLog,
  })
  const scraping = createSourceScrape(source, { timeoutMs, ...options, clock, log: silentLog })
  let timestampMs = Date.now()
  let view: Samples = {}
  return {
    async scrape() {
      timestampMs += 10_000
      const going = Object.entries(view).filter(([, value]) => value !== 'stale')
      view = { ...Object.fromEntries(going), ...batchSamples(await scraping.scrape(timestampMs)) }
      return view
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}

async function loadText(text: string): ReturnType<typeof loadProbes> {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-probes-'))
  try {
    writeFileSync(join(directory, 'probes.yml'), text)
    return await loadProbes(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** The role as the documentation tells to create it: nothing but pg_monitor. */
export async function createMonitor(server: PostgresServer): Promise<void> {
  await server.query('create role pgherd login')
  await server.query('grant pg_monitor to pgherd')
}

export async function sessionsOf(server: PostgresServer): Promise<readonly number[]> {
  const rows = await server.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'pgherd'`,
  )
  return rows.map(({ pid }) => pid)
}

/** Metric names of samples, each once. */
export function namesOf(samples: Samples): readonly string[] {
  return [...new Set(Object.keys(samples).map((key) => key.replace(/\{.*/, '')))]
}
