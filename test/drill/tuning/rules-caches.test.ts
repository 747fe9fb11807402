/**
 * Rules of caches on real servers that really are in the condition; all rules look, and only what is meant may speak. Slow reads are reads that
 * strace holds up, which needs root. Made up are the hour since the start and the quiet host.
 */
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { diskClassOf, readLatency } from '../../../agent/tuning/evidence/read-latency.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { canSlowCalls, slowCalls } from '../../../testbed/slow-calls.ts'
import { quietMachine, startObserved } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'

/** Enough of everything, so that each test has one thing too little. */
const ample = {
  random_page_cost: '1.1',
  shared_buffers: '128MB',
  wal_buffers: '64MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  autovacuum: 'off',
}

const grew = (counter: string, by: number) => (evidence: Evidence) => (evidence.increase(counter) ?? 0) >= by

describe.each([15, 18] as const)('subtransactions of PostgreSQL %i', (major) => {
  test('that are looked up all over their cache', async () => {
    await using observed = await startObserved({
      major,
      settings: { ...ample, ...(major < 17 ? {} : { subtransaction_buffers: '128kB' }) },
    })
    const { server } = observed
    await server.query(`
      create table rows (place float8, filler text);
      create index on rows (place)`)
    await withClient({ host: server.socketDirectory, port: server.port }, async (writer) => {
      await writer.query(`
        begin;
        do $$ begin
          for i in 1..100000 loop
            begin insert into rows values (random()); exception when others then null; end;
          end loop;
        end $$`)
      // Only what is older than a transaction that has ended is looked up.
      await server.query(`select pg_current_xact_id()`)
      const evidence = await observed.watch(
        async () => {
          // A session tells of its reads when it ends.
          for (let i = 0; i < 5; i++) {
            await withClient({ host: server.socketDirectory, port: server.port }, async (reader) => {
              await reader.query('set enable_seqscan = off; set enable_bitmapscan = off')
              await reader.query('select count(filler) from rows where place > 0')
            })
          }
        },
        { until: grew('slru.subtransaction_read', 10_000) },
      )
      expect(await saidTo(observed, evidence)).toEqual({
        M6:
          major < 17
            ? [expect.stringContaining('fewer savepoints and exception blocks')]
            : ['subtransaction_buffers = 1MB'],
      })
      await writer.query('rollback')
    })
  })
})

describe.skipIf(!canSlowCalls)('a cache that is too small', () => {
  test.each([15, 18] as const)(
    'for the disk that PostgreSQL %i has is to be a quarter larger',
    async (major) => {
      await using observed = await startObserved({ major, settings: { ...ample, shared_buffers: '64MB' } })
      const { server } = observed
      // A row for each page.
      await server.query('create table pages (id int primary key, filler char(5000))')
      await server.query('alter table pages alter filler set storage plain')
      await server.query(`insert into pages select i, 'x' from generate_series(1, 24000) as i`)
      await server.query('vacuum analyze pages')
      await server.query('checkpoint')
      const reads = `
      set statement_timeout = '60s';
      do $$ declare found int; wanted int; begin
        for i in 1..3000 loop
          wanted := 1 + floor(random() * 24000);
          select length(filler) into found from pages where id = wanted;
        end loop;
      end $$`
      await using disks = new AsyncDisposableStack()
      disks.use(await slowCalls(server, ['pread64', 'preadv'], 1))
      const evidence = await observed.watch(
        () => Promise.all(Array.from({ length: 6 }, () => server.query(reads))),
        { until: grew('database.blks_read', 10_000) },
      )
      // As it is detected.
      const latency = readLatency(evidence)?.ms ?? 0
      const situation = await observed.situation({
        machine: { ...quietMachine, diskClass: diskClassOf(latency) ?? 'unknown' },
      })
      expect(await saidTo(observed, evidence, { situation })).toEqual({ M2: ['shared_buffers = 80MB'] })
    },
  )
})
