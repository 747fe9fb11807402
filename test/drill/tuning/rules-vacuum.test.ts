import { describe, expect, test } from 'vitest'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { adviceIn, filled, quiet, run } from './vacuum-bed.ts'

/**
 * Each rule of vacuum on a real server in which what it looks for is produced, and all rules asked: it alone has something to say. What is quick
 * here is made so by settings: a short autovacuum_naptime, small limits and little memory.
 */

describe('V1: all processes of autovacuum are at work and asleep', () => {
  test.each([
    [15, {}],
    [18, { track_cost_delay_timing: 'on' }],
  ] as const)('a small limit, many dead rows (PostgreSQL %i)', async (major, settings) => {
    await using observed = await startObserved({
      major,
      settings: {
        ...quiet,
        ...settings,
        autovacuum_max_workers: '2',
        autovacuum_vacuum_cost_limit: '1',
        autovacuum_vacuum_cost_delay: '10ms',
      },
    })
    const { server } = observed
    for (const table of ['orders', 'lines', 'notes']) {
      await run(server, ...filled(table, 100_000), `update ${table} set b = b + 1`)
    }
    await atWork(server, 2)
    const { ids, findings } = await adviceIn(observed, () =>
      run(server, 'select pg_sleep(1.5), txid_current()'),
    )
    expect(ids).toEqual(['V1'])
    expect(findings.get('V1')?.drafts).toMatchObject([
      { parameter: 'autovacuum_vacuum_cost_limit', proposed: '1000' },
    ])
  })
})

async function atWork(server: PostgresServer, workers: number): Promise<void> {
  await waitFor(`${workers} processes of autovacuum`, async () => {
    const rows = await server.query(`select from pg_stat_activity where backend_type = 'autovacuum worker'`)
    return rows.length >= workers
  })
}

/** Autovacuum finds all of it at once. */
const begin = ['alter system set autovacuum = on', 'select pg_reload_conf()']

test('V2: a process that never sleeps, while other tables wait', async () => {
  await using observed = await startObserved({
    major: 16,
    settings: {
      ...quiet,
      autovacuum: 'off',
      autovacuum_max_workers: '1',
      autovacuum_vacuum_cost_delay: '0',
      autovacuum_work_mem: '1MB',
    },
  })
  const { server } = observed
  await run(server, ...filled('orders', 1_500_000))
  await run(
    server,
    'create index on orders (b)',
    'create index on orders (a)',
    'create index on orders (a, b)',
  )
  await run(server, 'delete from orders where a % 2 = 0')
  for (let i = 0; i < 10; i++) await run(server, ...filled(`small_${i}`, 1_000), `delete from small_${i}`)
  await run(server, ...begin)
  await atWork(server, 1)
  const { ids, findings } = await adviceIn(observed, () => run(server, 'select pg_sleep(1), txid_current()'))
  expect(ids).toEqual(['V2'])
  expect(findings.get('V2')?.drafts).toMatchObject([
    { parameter: 'autovacuum_max_workers', proposed: '3', takesMemory: true },
    { parameter: 'autovacuum_vacuum_cost_limit', proposed: '600' },
  ])
})

test('V4: two tables whose indexes are read again and again, since there is no room for what is dead', async () => {
  await using observed = await startObserved({
    major: 16,
    settings: {
      ...quiet,
      autovacuum: 'off',
      autovacuum_work_mem: '1MB',
      autovacuum_vacuum_cost_limit: '400',
    },
  })
  const { server } = observed
  for (const table of ['orders', 'lines']) {
    await run(
      server,
      ...filled(table, 800_000),
      `create index on ${table} (a)`,
      `delete from ${table} where a % 4 > 0`,
    )
  }
  const read = new Set<unknown>()
  const { ids, findings } = await adviceIn(observed, async () => {
    await run(server, ...begin)
    await waitFor(
      'both to be read more than once',
      async () => {
        const rows = await server.query(
          'select relid from pg_stat_progress_vacuum where index_vacuum_count > 1',
        )
        for (const { relid } of rows) read.add(relid)
        return read.size > 1
      },
      { timeoutMs: 30_000 },
    )
    await run(server, 'select pg_sleep(0.5)')
  })
  expect(ids).toEqual(['V4'])
  expect(findings.get('V4')?.drafts).toMatchObject([{ parameter: 'autovacuum_work_mem', proposed: '2MB' }])
})

test('V3 and V7: ten million rows, of which new ones and then dead ones wait', async () => {
  await using observed = await startObserved({ major: 18, settings: quiet })
  const { server } = observed
  // Rows without columns are as many for a tenth of the room.
  await run(
    server,
    'create unlogged table events ()',
    'insert into events select from generate_series(1, 10500000)',
    'vacuum analyze events',
  )
  const inserted = await adviceIn(observed, () =>
    run(server, 'insert into events select from generate_series(1, 1600000)'),
  )
  expect(inserted.ids).toEqual(['V7'])
  expect(inserted.findings.get('V7')?.drafts).toMatchObject([
    {
      parameter: 'autovacuum_vacuum_insert_scale_factor',
      proposed: '0.05',
      scope: { table: 'public.events', database: 'postgres' },
    },
  ])
  await run(server, 'vacuum analyze events')
  const deleted = await adviceIn(observed, () => run(server, `delete from events where ctid < '(6000,0)'`))
  expect(deleted.ids).toEqual(['V3'])
  expect(deleted.findings.get('V3')?.drafts).toMatchObject([
    {
      parameter: 'autovacuum_vacuum_scale_factor',
      proposed: '0.05',
      scope: { table: 'public.events', database: 'postgres' },
    },
  ])
})

test('V8: a table that is read much and has changed since ANALYZE', async () => {
  await using observed = await startObserved({
    major: 17,
    settings: { ...quiet, autovacuum_naptime: '60s' },
  })
  const { server } = observed
  await run(server, ...filled('orders', 100_000))
  const { ids, findings } = await adviceIn(observed, () =>
    run(server, 'update orders set b = b + 1 where a % 4 = 0', 'select sum(b) from orders'),
  )
  expect(ids).toEqual(['V8'])
  expect(findings.get('V8')?.drafts).toMatchObject([
    { parameter: 'autovacuum_analyze_scale_factor', proposed: '0.05' },
  ])
})

test('V9: a queue that is filled and emptied between two rounds of autovacuum', async () => {
  await using observed = await startObserved({
    major: 15,
    settings: { ...quiet, autovacuum_naptime: '60s' },
  })
  const { server } = observed
  await run(server, 'create unlogged table queue (a int primary key, b int)')
  const { ids, findings } = await adviceIn(observed, async () => {
    for (let i = 0; i < 10; i++) {
      await run(
        server,
        `insert into queue select g, g from generate_series(${i * 5_000}, ${i * 5_000 + 4_999}) g`,
        `delete from queue where a >= ${i * 5_000}`,
      )
    }
  })
  expect(ids).toEqual(['V9'])
  expect(findings.get('V9')?.drafts).toMatchObject([{ parameter: 'autovacuum_naptime', proposed: '30s' }])
})

test('a server of which nothing is to be said', async () => {
  await using observed = await startObserved({ major: 18, settings: quiet })
  const { server } = observed
  await run(server, ...filled('orders', 10_000))
  const { ids } = await adviceIn(observed, () => run(server, 'update orders set b = b + 1 where a = 1'))
  expect(ids).toEqual([])
})
