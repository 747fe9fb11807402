import type { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { diskClassOf, readLatency } from '../../../agent/tuning/evidence/read-latency.ts'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import type { DiskClass } from '../../../agent/tuning/recommend/machine.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { canSlowCalls, slowCalls } from '../../../testbed/slow-calls.ts'
import { quietMachine, startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'
import { quiet, run } from './vacuum-bed.ts'

/**
 * Rules of reads on real servers, and all rules asked. A slow disk is one whose reads strace holds up, which needs root. Made up is what the kernel
 * would say of that disk: how many requests it has at once (I3).
 */
const settings = { ...quiet, max_parallel_workers_per_gather: '0', autovacuum: 'off' }

/** About 3000 pages each, which a scan reads page by page through a ring of its own. */
const tables = ['a', 'b', 'c', 'd'] as const
const rows = 25_000

/** A server that has nothing in its memory yet. */
async function startCold(
  major: 15 | 18,
  own: Readonly<Record<string, string>> = {},
): Promise<ObservedTestServer> {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await startObserved({ major, settings: { ...settings, ...own } }))
  const { server } = bed
  for (const name of tables) {
    await run(
      server,
      `create table ${name} as select g as a, repeat('x', 900) as b from generate_series(1, ${rows}) g`,
      `create index on ${name} (a)`,
      `vacuum analyze ${name}`,
    )
  }
  await server.stop()
  await server.start()
  await bed.session.read({ text: 'select 1' }, 5_000).catch(() => undefined)
  stack.move()
  return bed
}

/** A session for each table, at once. */
async function inEach(
  server: PostgresServer,
  work: (client: Client, table: string) => Promise<unknown>,
): Promise<void> {
  await Promise.all(
    tables.map((table) =>
      withClient({ host: server.socketDirectory, port: server.port }, (client) => work(client, table)),
    ),
  )
}

/** What is done while each read of the server takes so much longer. */
async function withSlowReads(
  server: PostgresServer,
  ms: number,
  work: () => Promise<unknown>,
): Promise<void> {
  await using disks = new AsyncDisposableStack()
  disks.use(await slowCalls(server, ['pread64', 'preadv'], ms))
  await work()
}

async function adviceFor(observed: ObservedTestServer, evidence: Evidence, diskClass: DiskClass) {
  return observed.adviceOf(evidence, {
    situation: await observed.situation({ machine: { ...quietMachine, diskClass } }),
  })
}

/** As a server that reads from such a disk would have it. */
const withGauge = (evidence: Evidence, name: string, value: number): Evidence => ({
  ...evidence,
  mean: (gauge) => (gauge === name ? value : evidence.mean(gauge)),
})

const scan = (client: Client, table: string) => client.query(`select sum(length(b)) from ${table}`)

describe('io workers of PostgreSQL 18', () => {
  const pageByPage = { io_combine_limit: '1', shared_buffers: '64MB' }

  test.skipIf(!canSlowCalls)('I2: all busy while the disk is slow', async () => {
    await using bed = await startCold(18, { ...pageByPage, io_workers: '1' })
    const { server } = bed
    const evidence = await bed.watch(() => withSlowReads(server, 1, () => inEach(server, scan)))
    const { ids, findings } = await bed.adviceOf(evidence)
    expect(ids).toEqual(['I2'])
    expect(findings.get('I2')?.drafts).toMatchObject([{ parameter: 'io_workers', proposed: '2' }])
  })

  test('I5: busy with what the page cache has', async () => {
    await using bed = await startCold(18, { ...pageByPage, io_workers: '1' })
    const { server } = bed
    const often = async (client: Client, table: string): Promise<void> => {
      for (let i = 0; i < 10; i++) await scan(client, table)
    }
    const evidence = await bed.watch(() => inEach(server, often), { everyMs: 50 })
    const { ids, findings } = await bed.adviceOf(withGauge(evidence, 'host.disk_busy', 0.01))
    expect(ids).toEqual(['I5'])
    expect(findings.get('I5')).toMatchObject({
      drafts: [],
      notes: [expect.stringContaining('io_method = sync may be quicker')],
    })
  })

  test.skipIf(!canSlowCalls)('I3: large scans, of a disk with few requests at once', async () => {
    await using bed = await startCold(18, { ...pageByPage, io_workers: '32', effective_io_concurrency: '1' })
    const { server } = bed
    const evidence = await bed.watch(() => withSlowReads(server, 1.5, () => inEach(server, scan)))
    const { ids, findings } = await bed.adviceOf(withGauge(evidence, 'host.disk_queue', 1.8))
    expect(ids).toEqual(['I3'])
    expect(findings.get('I3')?.drafts).toMatchObject([
      { parameter: 'effective_io_concurrency', proposed: '2' },
    ])
  })
})

describe.skipIf(!canSlowCalls)('reads of single pages that take some milliseconds', () => {
  test.each([15, 18] as const)('I1: are no NVMe (PostgreSQL %i)', async (major) => {
    await using bed = await startCold(major)
    const { server } = bed
    // One row of each page, so that each takes a read of its own.
    const read = (client: Client, table: string) =>
      client.query(
        `set enable_bitmapscan = off; set enable_seqscan = off; select sum(length(b)) from generate_series(1, ${rows}, 8) g join ${table} on a = g`,
      )
    const evidence = await bed.watch(() => withSlowReads(server, 2, () => inEach(server, read)), {
      asHours: 1,
    })
    const { ids, findings } = await bed.adviceOf(evidence)
    expect(ids).toEqual(['I1'])
    expect(findings.get('I1')?.notes).toEqual([
      expect.stringMatching(/reads took \d+\.\d\d ms each .* while this advice is for nvme/),
    ])
    expect((await adviceFor(bed, evidence, measured(evidence))).ids).toEqual([])
  })

  test('I4: are begun ahead by bitmap heap scans (PostgreSQL 15)', async () => {
    await using bed = await startCold(15)
    const { server } = bed
    const read = (client: Client, table: string) =>
      client.query(
        `set enable_indexscan = off; set enable_seqscan = off; select sum(length(b)) from ${table} where a > 0`,
      )
    const evidence = await bed.watch(() => withSlowReads(server, 2, () => inEach(server, read)), {
      asHours: 1,
    })
    const { ids, findings } = await adviceFor(bed, evidence, measured(evidence))
    expect(ids).toEqual(['I4'])
    expect(findings.get('I4')?.drafts).toMatchObject([{ parameter: 'effective_io_concurrency' }])
  })
})

/** What the detection would say of the disk after that. */
const measured = (evidence: Evidence): DiskClass => diskClassOf(readLatency(evidence)?.ms ?? 0) ?? 'unknown'

test('O1: nobody measures how long reads take', async () => {
  await using observed = await startObserved({ major: 18, settings: { ...settings, track_io_timing: 'off' } })
  const evidence = await observed.watch(() => observed.server.query('select 1'))
  const { ids, findings } = await observed.adviceOf(evidence)
  expect(ids).toEqual(['O1'])
  expect(findings.get('O1')?.drafts).toMatchObject([{ parameter: 'track_io_timing', proposed: 'on' }])
})
