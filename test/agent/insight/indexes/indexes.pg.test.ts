import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createIndexes } from '../../../../agent/insight/indexes/indexes.ts'
import type { InsightServer } from '../../../../agent/insight/insight-server.ts'
import { systemClock } from '../../../../common/clock.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { findOid, unpackColumns } from '../../../../common/insight/index-columns.ts'
import { indexEvidence } from '../../../../common/insight/index-evidence.ts'
import type { IndexEvidence, IndexLedgerBody } from '../../../../common/insight/index-evidence.ts'
import { startPostgres, startStandby } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { createHeardLog } from '../../neighbours/probing.ts'
import { createMonitor } from '../../scrape/measured-server.ts'
import { connectTo, oidOf } from './looked-at.ts'

let primary: PostgresServer
let standby: PostgresServer
beforeAll(async () => {
  primary = await startPostgres()
  await createMonitor(primary)
  await primary.query('create database shop')
  await primary.query(
    `create table item (id int primary key, code int, name text);
     insert into item select i, i, i from generate_series(1, 20000) i;
     create index item_code on item (code);
     create index item_name on item (name);
     analyze`,
    [],
    'shop',
  )
  standby = await startStandby(primary, { name: 'second' })
})
afterAll(async () => {
  await standby[Symbol.asyncDispose]()
  await primary[Symbol.asyncDispose]()
})

/** An hour is a tenth of a second. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 36_000, signal),
  monotonic: () => systemClock.monotonic() * 36_000,
}

async function ownDirectory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'indexes-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

function watch(
  server: PostgresServer,
  directory: string,
  databases: readonly string[] = ['shop'],
  fails: (text: string) => boolean = () => false,
) {
  const told: IndexEvidence[] = []
  const log = createHeardLog()
  const seen: InsightServer = {
    ...{ server: 'pg-test-1', cluster: 'pg-test', directory, clock, log },
    lend: () => undefined,
    async visit(database, work) {
      using connection = await connectTo(server, database)
      return await work({
        async query(statement, limitMs) {
          if (fails(statement.text)) throw new PgherdError('TIMED_OUT', 'canceled due to statement timeout')
          return connection.query(statement, limitMs)
        },
      })
    },
    async databases() {
      const rows = await server.query<{ oid: number; name: string }>(
        `select oid::int4 as oid, datname as name from pg_database where datname = any ($1)`,
        [databases],
      )
      return rows
    },
    tell: (topic, body) => {
      expect(topic).toBe('index-evidence')
      told.push(indexEvidence.parse(body))
    },
  }
  const part = createIndexes(seen, { intervalMs: 3_600_000 })
  const over = new AbortController()
  const running = part.run(over.signal)
  const end = async (): Promise<void> => {
    over.abort()
    await running
  }
  onTestFinished(end)
  const ledgers = () => told.filter((body): body is IndexLedgerBody => body.kind === 'ledger')
  const last = () => ledgers().at(-1)!
  const row = (oid: number) => {
    const { columns, count } = last()
    const { oids, usedS, firstS, scans } = unpackColumns(columns, count)
    const i = findOid(oids, oid)
    return { usedS: usedS[i]!, firstS: firstS[i]!, scans: scans[i]! }
  }
  const figure = (name: string) => part.figures?.find((one) => one.name === name)?.read()
  return { part, told, ledgers, last, row, end, log, figure }
}

test('the primary tells hourly what it knows and what its indexes are, and shows how many there are', async () => {
  const seen = watch(primary, await ownDirectory())
  await expect.poll(() => seen.ledgers().length).toBeGreaterThanOrEqual(3)
  expect(seen.last()).toMatchObject({
    database: { name: 'shop' },
    inRecovery: false,
    intervalMs: 3_600_000,
    count: 3,
    gaps: [],
    counts: true,
    followers: ['second@127.0.0.1'],
  })
  const facts = seen.told.findLast(({ kind }) => kind === 'facts')
  expect(facts).toMatchObject({ database: { name: 'shop' }, part: 0, parts: 1 })
  expect(seen.part.tables()).toMatchObject([
    {
      metrics: ['pgherd_index_findings', 'pgherd_index_findings_bytes'],
      labelNames: ['datname', 'finding'],
      rows: [
        { labels: ['shop', 'unused'], values: [2, expect.any(Number)] },
        { labels: ['shop', 'duplicate'], values: [0, 0] },
        { labels: ['shop', 'redundant'], values: [0, 0] },
        { labels: ['shop', 'invalid'], values: [0, 0] },
        { labels: ['shop', 'bloated'], values: [0, 0] },
        { labels: ['shop', 'missing'], values: [0, 0] },
      ],
    },
  ])
  expect(seen.figure('pgherd_index_failures_total')).toEqual({ 'pg-test-1': 0 })
})

test('a standby tells what it uses itself, and no more', async () => {
  const oid = await oidOf(primary, 'item_code', 'shop')
  const seen = watch(standby, await ownDirectory())
  await expect.poll(() => seen.ledgers().length).toBeGreaterThanOrEqual(1)
  expect(seen.last()).toMatchObject({ inRecovery: true, followers: [] })
  expect(seen.row(oid)).toMatchObject({ usedS: 0, scans: 0 })
  await standby.query('select * from item where code = 5', [], 'shop')
  await expect.poll(() => seen.row(oid).scans).toBe(1)
  expect(Math.abs(seen.row(oid).usedS - Date.now() / 1000)).toBeLessThan(10)
  expect(seen.told.every(({ kind }) => kind === 'ledger')).toBe(true)
  expect(seen.part.tables()).toEqual([])
})

test('what was seen survives the agent; a ledger that was damaged begins anew and says so', async () => {
  const directory = await ownDirectory()
  const first = watch(primary, directory)
  await expect.poll(() => first.ledgers().length).toBeGreaterThanOrEqual(1)
  await first.end()
  const { beganMs } = first.last()
  const second = watch(primary, directory)
  await expect.poll(() => second.ledgers().length).toBeGreaterThanOrEqual(1)
  await second.end()
  expect(second.last()).toMatchObject({ beganMs, gaps: [] })
  for (const name of await readdir(directory)) await writeFile(join(directory, name), 'broken')
  const third = watch(primary, directory)
  await expect.poll(() => third.ledgers().length).toBeGreaterThanOrEqual(1)
  expect(third.last().beganMs).toBeGreaterThan(beganMs)
  expect(third.log.heard).toEqual([expect.stringMatching(/^warn indexes: what was known .* begins anew/)])
})

test('a database that cannot be looked at costs itself', async () => {
  await primary.query('create database closed')
  await primary.query('revoke connect on database closed from public')
  const seen = watch(primary, await ownDirectory(), ['closed', 'shop'])
  await expect.poll(() => seen.ledgers().length).toBeGreaterThanOrEqual(2)
  expect(seen.ledgers().map(({ database }) => database.name)).not.toContain('closed')
  expect(seen.figure('pgherd_index_failures_total')).not.toEqual({ 'pg-test-1': 0 })
})

test('where the catalogue cannot be read in time, what is known of the use of indexes goes on', async () => {
  const seen = watch(primary, await ownDirectory(), ['shop'], (text) => text.includes('pg_extension'))
  await expect.poll(() => seen.ledgers().length).toBeGreaterThanOrEqual(2)
  expect(seen.told.map(({ kind }) => kind)).not.toContain('facts')
  expect(seen.figure('pgherd_index_failures_total')).not.toEqual({ 'pg-test-1': 0 })
  expect(seen.last()).toMatchObject({ count: 3, beganMs: seen.ledgers()[0]!.beganMs })
})
