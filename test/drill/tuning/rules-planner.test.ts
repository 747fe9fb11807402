import { existsSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withClient } from '../../../testbed/postgres-client.ts'
import { createHome, createServer } from '../../../testbed/postgres-server.ts'
import { writeAuthentication, writeSettings, baseSettingsFor } from '../../../testbed/postgres-settings.ts'
import { createCluster } from '../../../testbed/postgres-template.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { freePort } from '../../../testbed/ports.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { observed, quietHost, startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'
import { filled, quiet, run } from './vacuum-bed.ts'

/** Rules of plans on real servers, and all rules asked: the one whose condition is produced has something to say, and no other. */
const settings = { ...quiet, max_parallel_workers_per_gather: '0', autovacuum: 'off' }

async function again(server: PostgresServer, times: number, sql: string): Promise<void> {
  await withClient({ host: server.socketDirectory, port: server.port }, async (client) => {
    for (let i = 0; i < times; i++) await client.query(sql)
  })
}

const said = async (
  bed: ObservedTestServer,
  evidence: Parameters<ObservedTestServer['adviceOf']>[0],
  other = {},
) => {
  const { findings } = await bed.adviceOf(evidence, other)
  return Object.fromEntries(
    [...findings].map(([id, { drafts }]) => [id, drafts.map((one) => `${one.parameter} = ${one.proposed}`)]),
  )
}

test('P1: a random page is said to be dear while all pages are in memory', async () => {
  await using bed = await startObserved({ major: 17, settings: { ...settings, random_page_cost: '4' } })
  const { server } = bed
  await run(server, ...filled('rows', 500_000))
  const evidence = await bed.watch(() => again(server, 60, 'select * from rows where b = 1'), {
    until: (e) => (e.increase('database.blks_hit') ?? 0) > 120_000,
    asHours: 1,
  })
  const { ids, findings } = await bed.adviceOf(evidence)
  expect(ids).toEqual(['P1'])
  expect(findings.get('P1')?.drafts).toMatchObject([
    {
      parameter: 'random_page_cost',
      proposed: '2',
      reason: expect.stringContaining(
        'take many pages for few rows, such as 2240 for 1: select * from rows where b = $1',
      ) as unknown,
    },
  ])
  await run(server, 'alter system set random_page_cost = 2', 'select pg_reload_conf()')
  expect(await said(bed, evidence)).toEqual({ P1: ['random_page_cost = 1.1'] })
  await run(server, 'alter system set random_page_cost = 1.1', 'select pg_reload_conf()')
  expect(await said(bed, evidence)).toEqual({})
})

const withJit = '/usr/lib/postgresql/15/bin'

test.skipIf(!existsSync(join(withJit, '../lib/llvmjit.so')))(
  'P2: statements are compiled for longer than it saves',
  async () => {
    const home = createHome()
    const binaries = {
      major: 15,
      version: 'with-jit',
      postgres: join(withJit, 'postgres'),
      initdb: join(withJit, 'initdb'),
    } as const
    await createCluster(binaries, home.dataDirectory)
    writeAuthentication(home.dataDirectory, 'trust')
    const port = await freePort()
    writeSettings(home.dataDirectory, {
      ...baseSettingsFor(15),
      ...settings,
      port: String(port),
      unix_socket_directories: home.socketDirectory,
      jit: 'on',
      jit_above_cost: '100',
      jit_optimize_above_cost: '100',
    })
    await using server = createServer({ name: 'jit', binaries, port, home })
    await server.start()
    await run(
      server,
      'create role observer login in role pg_monitor',
      'create extension pg_stat_statements',
      ...filled('rows', 10_000),
    )
    await using bed = await observed(server)
    const evidence = await bed.watch(
      () => again(server, 120, 'select sum(a + b) from rows where a % 3 = 1'),
      {
        until: (e) => (e.increase('statements.calls') ?? 0) > 110,
      },
    )
    expect(await said(bed, evidence)).toEqual({ P2: ['jit_above_cost = 500'] })
    const situation = await bed.situation({ profile: 'oltp' })
    expect(await said(bed, evidence, { situation })).toEqual({ P2: ['jit = off'] })
  },
)

test('P3: planning takes longer than what is planned', async () => {
  await using bed = await startObserved({
    major: 16,
    settings: { ...settings, 'pg_stat_statements.track_planning': 'on', default_statistics_target: '400' },
  })
  const { server } = bed
  const joins = Array.from({ length: 7 }, (_, i) => `join pg_class c${i} on c${i}.oid = c.oid`)
  const evidence = await bed.watch(
    () => again(server, 110, `select 1 from pg_class c ${joins.join(' ')} where c.oid = 1`),
    { until: (e) => (e.increase('statements.calls') ?? 0) > 100 },
  )
  const { ids, findings } = await bed.adviceOf(evidence)
  expect(ids).toEqual(['P3'])
  expect(findings.get('P3')).toMatchObject({
    drafts: [{ parameter: 'default_statistics_target', proposed: '200' }],
    notes: [expect.stringContaining('better prepared once')],
  })
})

/** What makes any scan a parallel one. */
const parallel = {
  ...settings,
  parallel_setup_cost: '0',
  parallel_tuple_cost: '0',
  min_parallel_table_scan_size: '0',
  max_parallel_workers_per_gather: '4',
}

test.each([15, 18] as const)('P4: parallel queries get no workers (PostgreSQL %i)', async (major) => {
  await using bed = await startObserved({ major, settings: { ...parallel, max_parallel_workers: '1' } })
  const { server } = bed
  await run(server, ...filled('rows', 1_500_000), 'alter table rows set (parallel_workers = 4)')
  const four = Array.from({ length: 4 }, () =>
    again(server, 10, 'select sum(sqrt(a) + sqrt(b) + ln(a + 1)) from rows'),
  )
  const evidence = await bed.watch(() => Promise.all(four), { asHours: 1, everyMs: 100 })
  expect(await said(bed, evidence)).toEqual({ P4: ['max_parallel_workers = 2'] })
})

test.each([15, 18] as const)('P5: short statements begin parallel workers (PostgreSQL %i)', async (major) => {
  await using bed = await startObserved({
    major,
    settings: { ...parallel, max_parallel_workers_per_gather: '2' },
  })
  const { server } = bed
  await run(
    server,
    ...filled('rows', 5_000),
    'alter table rows set (parallel_workers = 2)',
    'alter system set parallel_setup_cost = 1',
    'select pg_reload_conf()',
  )
  const evidence = await bed.watch(() => again(server, 300, 'select sum(a) from rows'), { everyMs: 20 })
  expect(await said(bed, evidence)).toEqual({
    P5: ['min_parallel_table_scan_size = 32MB', 'parallel_setup_cost = 2000'],
  })
})

test('P6: temporary files without a limit on a disk that they nearly fill', async () => {
  await using disk = await mountSmallDisk('240m', unprivilegedOwner())
  await using server = await startPostgres({
    major: 18,
    directory: join(disk.path, 'server'),
    settings: {
      ...settings,
      shared_buffers: '64MB',
      work_mem: '4MB',
      max_wal_size: '128MB',
      temp_file_limit: '-1',
    },
  })
  await run(server, 'create role observer login in role pg_monitor', 'create extension pg_stat_statements')
  await using bed = await observed(server)
  const evidence = await bed.watch(
    () =>
      server.query(
        `select sum(length(text)) from (select repeat('x', 400) as text from generate_series(1, 300000) g order by 1, g desc) sorted`,
      ),
    { asHours: 1, everyMs: 50 },
  )
  const { bavail, bsize } = statfsSync(disk.path)
  const host = { ...quietHost, freeDataDiskBytes: bavail * bsize }
  const { ids, findings } = await bed.adviceOf(evidence, { host })
  expect(ids).toEqual(['P6'])
  expect(findings.get('P6')?.drafts).toMatchObject([{ parameter: 'temp_file_limit' }])
  const situation = await bed.situation({ profile: 'olap' })
  expect(await said(bed, evidence, { host, situation })).toEqual({ P6: [] })
})
