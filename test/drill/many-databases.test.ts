import { expect, test } from 'vitest'
import { waitFor } from '../../testbed/wait.ts'
import { startHerd } from '../system/herd.ts'

const databases = 200
const tables = 1_000
const intervalMs = 10_000

test(`${databases} databases with ${tables} tables each are measured in turn, every scrape within its interval`, async () => {
  await using herd = await startHerd({
    agent: {
      'scrape.interval': `${intervalMs}ms`,
      'scrape.timeout': `${intervalMs * 0.8}ms`,
      'log.level': 'info',
      // Looked into before its tables are there, it would wait for them as long as the budget says.
      'postgres.exclude_databases': ['pattern'],
    },
    postgres: { max_locks_per_transaction: '1024', max_wal_size: '1GB' },
  })
  const { postgres, agent } = herd
  await postgres.query('create database pattern')
  await postgres.query(
    `do $$ begin for i in 1..${tables} loop execute format('create table t%s (id int)', i); end loop; end $$`,
    undefined,
    'pattern',
  )
  for (let i = 1; i <= databases; i++) await postgres.query(`create database d${i} template pattern`)

  const valueOf = async (expression: string): Promise<number> =>
    (await herd.instant(expression))[0]?.value ?? Number.NaN
  await waitFor(
    'every database was seen',
    async () => (await valueOf('count(pgherd_database_up == 1)')) === databases,
    {
      timeoutMs: 120_000,
      explain: () => agent.logTail(30),
    },
  )
  // Some rounds more, in which the budgets set the pace.
  const scrapesBefore = await valueOf('pg_exporter_scrape_total_count')
  await waitFor(
    'five more scrapes',
    async () => (await valueOf('pg_exporter_scrape_total_count')) >= scrapesBefore + 5,
    { timeoutMs: 10 * intervalMs },
  )
  const [duration] = await herd.samples('scrape_duration_seconds{job="pgsql"}')
  const slowestMs = Math.max(...duration!.samples.map(({ value }) => value * 1000))
  const oldestSeconds = await valueOf('max(pgherd_database_age_seconds)')
  const residentMb = agent.residentBytes() / 2 ** 20
  const perDatabase = await waitFor(
    'tables of every database',
    async () => {
      const seen = await valueOf('count(count by (datname) (pg_table_seq_scan))')
      return seen === databases && seen
      // What was refused for want of room is told again within a minute.
    },
    { timeoutMs: 70_000 },
  )
  const figures = {
    databases,
    tables,
    slowestScrapeMs: Math.round(slowestMs),
    oldestDatabaseSeconds: oldestSeconds,
    oldestSampleSeconds: await valueOf('max(time() - timestamp(pg_table_seq_scan))'),
    intervalOfTablesSeconds: await valueOf('pgherd_probe_interval_seconds{probe=~"pg_table_18"}'),
    residentMb: Math.round(residentMb),
    series: await valueOf('pgherd_agent_series'),
    serverMsPerMinute: Math.round(
      (await valueOf('sum(rate(pgherd_probe_seconds_total{job="pgsql"}[1m]))')) * 60_000,
    ),
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`)

  expect(slowestMs).toBeLessThan(intervalMs)
  expect(await valueOf('sum(pgherd_scrape_missed_total{job="pgsql"})')).toBe(0)
  expect(perDatabase).toBe(databases)
  expect(figures.oldestDatabaseSeconds).toBeLessThan(600)
  expect(figures.series).toBeLessThanOrEqual(50_100)
  expect(await valueOf('max(pgherd_scrape_refused_samples)')).toBe(0)
}, 900_000)
