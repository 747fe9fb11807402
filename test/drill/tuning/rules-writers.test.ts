/**
 * Rules of those who write pages, on real servers; all rules look, and only what is meant may speak.
 */
import { describe, expect, test } from 'vitest'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { saidTo } from './said-to.ts'
import { ample, grew, many, watchUntil } from './wal-bed.ts'

describe.each([15, 18] as const)('pages of PostgreSQL %i', (major) => {
  test('that sessions have to write themselves have the background writer write more', async () => {
    await using observed = await startObserved({
      major,
      settings: { ...ample, shared_buffers: '16MB', autovacuum: 'off' },
    })
    await observed.server.query(`
      create table t (id int primary key, n int, filler text) with (fillfactor = 80);
      insert into t select i, 0, repeat('x', 200) from generate_series(1, 400000) as i;
      checkpoint`)
    const change = `
      do $$ declare chosen int; begin
        for i in 1..20000 loop
          chosen := 1 + (random() * 399999)::int;
          update t set n = n + 1 where id = chosen;
        end loop;
      end $$`
    const evidence = await watchUntil(
      observed,
      many(4, change, 'analyze t'),
      grew('writers.maxwritten_clean', 2),
    )
    expect(await saidTo(observed, evidence)).toEqual({ W9: ['bgwriter_lru_maxpages = 400'] })
  })
})

test('sessions that flush tables themselves, because the checkpointer has too long a list, are told', async () => {
  await using observed = await startObserved({
    settings: {
      ...ample,
      shared_buffers: '256kB',
      max_connections: '20',
      autovacuum: 'off',
      bgwriter_lru_maxpages: '0',
    },
  })
  // A file of its own for each row, so that the list gets longer with each.
  await observed.server.query(`
    create table t (n int) partition by list (n);
    do $$ begin
      for i in 1..300 loop execute format('create table t%s partition of t for values in (%s)', i, i); end loop;
    end $$`)
  const fill = 'insert into t select 1 + i % 300 from generate_series(1, 30000) as i'
  const evidence = await watchUntil(observed, many(2, fill), grew('writers.client_syncs', 10))
  expect(await saidTo(observed, evidence)).toEqual({
    W10: [expect.stringContaining('First what makes checkpoints')],
  })
})
