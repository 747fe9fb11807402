import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatherFacts } from '../../../../agent/insight/indexes/gather-facts.ts'
import type { IndexFacts } from '../../../../agent/insight/indexes/gather-facts.ts'
import { indexFactsBody } from '../../../../common/insight/index-evidence.ts'
import { silentLog } from '../../../../common/log.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { withClient } from '../../../../testbed/postgres-client.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { createMonitor } from '../../scrape/measured-server.ts'
import { connectTo, lookAt } from './looked-at.ts'

/** Indexes of all shapes that have a definition of their own. */
const shapes = (major: number): string => `
  create schema "Odd Schema";
  create table "Odd Schema"."Odd Table" (id int primary key, "Strange ""name" text, note varchar(20), at timestamptz, tags int[], place box, n int);
  create index "Odd index" on "Odd Schema"."Odd Table" ("Strange ""name" desc, at nulls first, n desc nulls last);
  create index shape_pattern on "Odd Schema"."Odd Table" (note varchar_pattern_ops, "Strange ""name" text_pattern_ops);
  create index shape_collation on "Odd Schema"."Odd Table" ("Strange ""name" collate "C", note collate "POSIX" desc);
  create index shape_gin on "Odd Schema"."Odd Table" using gin (tags) with (fastupdate = off);
  create index shape_gist on "Odd Schema"."Odd Table" using gist (place) with (fillfactor = 70);
  create index shape_brin on "Odd Schema"."Odd Table" using brin (at, n) with (pages_per_range = 64);
  create index shape_hash on "Odd Schema"."Odd Table" using hash (note);
  create unique index shape_unique on "Odd Schema"."Odd Table" (n, id);
  create index shape_expression on "Odd Schema"."Odd Table" (lower(note), n);
  create index shape_partial on "Odd Schema"."Odd Table" (at) where n > 5;
  ${major < 11 ? '' : `create index shape_include on "Odd Schema"."Odd Table" (at, n) include (note, "Strange ""name");`}
  ${major < 15 ? '' : `create unique index shape_nulls on "Odd Schema"."Odd Table" (note, at) nulls not distinct;`}
  ${major < 14 ? '' : `create index shape_summary on "Odd Schema"."Odd Table" using brin (n int4_minmax_multi_ops (values_per_range = 16));`}
`

const overlapping = `
  create table part (a int, b int, c int, d text, primary key (a));
  create index part_b on part (b);
  create index part_b_again on part (b);
  create index part_b_c on part (b, c);
  create index part_b_desc on part (b desc);
  create index part_b_partial on part (b) where c > 0;
  create index part_b_partial_again on part (b) where c > 0;
  create unique index part_unique on part (a);
  create unique index part_c on part (c);
  create index part_c_d on part (c, d);
  create index part_lower on part (lower(d));
  create index part_lower_again on part (lower(d));
  create index part_d on part (d);
  create index part_d_pattern on part (d text_pattern_ops, a);
  create index part_hash on part using hash (b);
  create index part_brin on part using brin (b) with (pages_per_range = 8);
  create index part_brin_coarse on part using brin (b) with (pages_per_range = 512);
  create index part_brin_multi on part using brin (a int4_minmax_multi_ops (values_per_range = 64));
  create index part_brin_multi_coarse on part using brin (a int4_minmax_multi_ops (values_per_range = 8));
  create index part_brin_again on part using brin (b) with (pages_per_range = 8);
`

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let server: PostgresServer
  let facts: IndexFacts
  const gather = async (candidates?: readonly number[]): Promise<IndexFacts> => {
    const look = await lookAt(server)
    using connection = await connectTo(server)
    return await gatherFacts(connection, {
      major,
      countersSinceMs: Date.now() - 3_600_000,
      candidates: candidates ?? [...look.oids],
      log: silentLog,
    })
  }
  const fact = (name: string, of: IndexFacts = facts) => of.indexes.find(({ index }) => index === name)

  beforeAll(async () => {
    server = await startPostgres({ major, settings: { autovacuum: 'off' } })
    await createMonitor(server)
    await server.query(shapes(major))
    await server.query(overlapping)
    await server.query(`
      create table parent (id int primary key, code int);
      create unique index parent_code on parent (code);
      create table child (id int primary key, parent int references parent, code int references parent (code), other int);
      create index child_parent on child (parent);
      create table orphan (parent int references parent, filler text);
      insert into parent select i, i from generate_series(1, 100) i;
      insert into orphan select 1, repeat('x', 200) from generate_series(1, 20000) i;
      create table identity (id int not null, other int);
      create unique index identity_id on identity (id);
      alter table identity replica identity using index identity_id;
      create table clustered (id int);
      create index clustered_id on clustered (id);
      cluster clustered using clustered_id;
      create table sliced (id int, at int) partition by range (at);
      create table sliced_1 partition of sliced for values from (0) to (10);
      create index sliced_at on sliced (at);
      create table excluded (during int4range, exclude using gist (during with &&));
      create table big (id int, filler int);
      insert into big select i, i from generate_series(1, 200000) i;
      create index big_id on big (id);
      delete from big where id % 10 <> 0`)
    await server.query('vacuum analyze')
    for (let i = 0; i < 12; i++)
      await server.query('select count(*) from orphan where filler = $1', [String(i)])
    await waitFor('the scans to be counted', async () => {
      const rows = await server.query(
        `select from pg_stat_user_tables where relname = 'orphan' and seq_scan >= 12`,
      )
      return rows.length === 1
    })
    facts = await gather()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('each index is worded as the server words it', async () => {
    const rows = await server.query<{ index: string; definition: string }>(
      `select c.relname as index, pg_get_indexdef(c.oid) as definition
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'i' and n.nspname in ('public', 'Odd Schema')`,
    )
    expect(rows.length).toBeGreaterThan(35)
    for (const { index, definition } of rows) expect(fact(index)?.definition, index).toBe(definition)
  })

  test('what is told fits what the collector takes', () => {
    const body = {
      kind: 'facts',
      database: { oid: 5, name: 'postgres' },
      system: '1',
      atMs: 1,
      part: 0,
      parts: 1,
    }
    expect(indexFactsBody.parse({ ...body, ...facts }).indexes).toEqual(facts.indexes)
  })

  test('one of two equal ones goes, and one that a longer one begins with; order, predicate, class, method and parameters count', () => {
    const covered = facts.indexes
      .filter(({ table, coveredBy }) => table === 'part' && coveredBy !== null)
      .map(({ index, coveredBy }) => `${index} ${coveredBy!.isEqual ? '=' : '<'} ${coveredBy!.index}`)
    expect(covered.toSorted()).toEqual([
      'part_b < part_b_c',
      'part_b_again = part_b',
      'part_b_partial_again = part_b_partial',
      'part_brin_again = part_brin',
      'part_lower_again = part_lower',
      'part_unique = part_pkey',
    ])
  })

  test('what an index stands behind is said', () => {
    expect(fact('part_pkey')).toMatchObject({ constraint: 'part_pkey', isUnique: true })
    expect(fact('parent_code')).toMatchObject({ constraint: 'child_code_fkey', isUnique: true })
    expect(fact('excluded_during_excl')).toMatchObject({ constraint: 'excluded_during_excl' })
    expect(fact('child_parent')).toMatchObject({ constraint: null, foreignKeys: ['child_parent_fkey'] })
    expect(fact('part_b')).toMatchObject({ constraint: null, foreignKeys: [], partOf: null, extension: null })
    expect(fact('identity_id')).toMatchObject({ isReplicaIdentity: true })
    expect(fact('clustered_id')).toMatchObject({ isClustered: true })
    expect(fact('sliced_1_at_idx')).toMatchObject({ partOf: 'sliced_at' })
    const part = fact('sliced_1_at_idx')!.oid
    expect(fact('sliced_at')).toMatchObject({ partOf: null, parts: [part], sizeBytes: 8192 })
    expect(fact('shape_expression')).toMatchObject({ hasExpressions: true, isPartial: false })
    expect(fact('shape_partial')).toMatchObject({ hasExpressions: false, isPartial: true })
    expect(fact('part_b')?.tableOid).toBeGreaterThan(0)
    expect(fact('big_id')?.sizeBytes).toBeGreaterThan(4_000_000)
    // 200,000 inserted and 180,000 deleted in what is said to be an hour.
    expect(fact('big_id')?.writesPerDay).toBeCloseTo(380_000 * 24, -6)
  })

  test('foreign keys without an index, and tables that are read from end to end, are told with what could lead an index', () => {
    expect(facts.foreignKeys).toMatchObject([
      { table: 'orphan', constraint: 'orphan_parent_fkey', columns: ['parent'], referenced: 'public.parent' },
    ])
    expect(facts.tables).toMatchObject([{ table: 'orphan', columns: ['parent', 'filler'], indexed: [] }])
    expect(facts.tables[0]!.scansPerDay).toBeCloseTo(12 * 24, -1)
  })

  test('bloat is that of the probe, and only what is worth it is told', () => {
    expect(fact('big_id')?.bloat).toBeGreaterThan(0.8)
    expect(facts.indexes.filter(({ bloat }) => bloat !== null).map(({ index }) => index)).toEqual(['big_id'])
  })

  test('of too many, those that nothing speaks for come first, the largest before the others', async () => {
    expect((await gather()).indexes.find(({ foreignKeys }) => foreignKeys.length === 0)).toBeDefined()
    const names = (await gather()).indexes
      .filter(({ coveredBy }) => coveredBy === null)
      .map(({ index }) => index)
    expect(names.indexOf('part_pkey')).toBeGreaterThan(names.indexOf('shape_hash'))
    const none = (await gather([])).indexes.map(({ index }) => index)
    expect(none).toContain('part_b_again')
    expect(none).not.toContain('shape_hash')
  })

  test('a lock that keeps everybody out holds up nothing; what only the server can word is worded later', async () => {
    const held = await withClient(server, async (holder) => {
      await holder.query('begin; lock table "Odd Schema"."Odd Table", part in access exclusive mode')
      const begun = performance.now()
      const gathered = await gather()
      expect(performance.now() - begun).toBeLessThan(2_000)
      return gathered
    })
    expect(fact('part_b_c', held)?.definition).toBe(fact('part_b_c')?.definition)
    expect(fact('shape_expression', held)).toMatchObject({ definition: null })
    expect(fact('part_b_again', held)?.coveredBy?.index).toBe('part_b')
  })

  test('an invalid index is told, and one that is being built is known as such', async () => {
    await server.query('create table twice (id int); insert into twice values (1), (1)')
    await server.query('create unique index concurrently twice_id on twice (id)').catch(() => undefined)
    expect(fact('twice_id', await gather([]))).toMatchObject({ isValid: false, isBeingBuilt: false })
    const building = await withClient(server, async (blocker) => {
      await blocker.query('begin; update twice set id = 2')
      const asked = server.query('create index concurrently twice_slow on twice (id)')
      await expect
        .poll(async () => fact('twice_slow', await gather([])))
        .toMatchObject({ isValid: false, isBeingBuilt: true })
      return { asked }
    })
    await building.asked
    expect(fact('twice_slow', await gather())).toMatchObject({ isValid: true, isBeingBuilt: false })
  })
})
