import { expect, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import { loadProbes } from '../../../agent/probes/load.ts'
import { systemClock } from '../../../common/clock.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { askAll, samplesOf } from './ask-probe.ts'

/**
 * Neither extension can be had here. The relations are as their documentation has them (timescaledb_information.hypertables
 * of TimescaleDB 2, pg_dist_node of Citus), and chunks inherit from their hypertable as real ones do.
 */
const asInstalled = `
  create schema timescaledb_information;
  create table metric (at timestamptz not null, value float8);
  create schema _timescaledb_internal;
  create table _timescaledb_internal.chunk_1 () inherits (metric);
  create index on _timescaledb_internal.chunk_1 (at);
  insert into _timescaledb_internal.chunk_1 select now(), n from generate_series(1, 10000) n;
  create view timescaledb_information.hypertables as
    select 'public'::name as hypertable_schema, 'metric'::name as hypertable_name, 'postgres'::name as owner,
           1::int2 as num_dimensions, 1::int8 as num_chunks, true as compression_enabled;
  grant usage on schema timescaledb_information to public;
  grant select on timescaledb_information.hypertables to public;

  set allow_system_table_mods = on;
  create table pg_catalog.pg_dist_node (
    nodeid int, groupid int, nodename text, nodeport int, noderack text, hasmetadata bool, isactive bool,
    noderole text, nodecluster name, metadatasynced bool, shouldhaveshards bool);
  insert into pg_catalog.pg_dist_node values (1, 0, '10.0.0.1', 5432, 'default', true, true, 'primary', 'default', true, false);
  grant select on pg_catalog.pg_dist_node to public;`

test('hypertables and nodes are read from what their extensions show to everybody', async () => {
  await using server = await startPostgres()
  await server.query('create role pgherd login; grant pg_monitor to pgherd')
  await server.query(asInstalled)
  await server.query('vacuum analyze')
  const probes = (await loadProbes()).filter(({ branch }) => /^pg_(tsdb|citus)_/.test(branch))
  await using session = createSession({ url: server.url('postgres', 'pgherd'), clock: systemClock })
  await session.connect(2_000)
  const samples = samplesOf(await askAll(session, probes))
  const hypertable = '{datname=postgres,relname=public.metric}'
  const node = '{datname=postgres,node=10.0.0.1:5432}'
  expect(samples).toMatchObject({
    [`pg_tsdb_hypertable_dimensions${hypertable}`]: 1,
    [`pg_tsdb_hypertable_chunks${hypertable}`]: 1,
    [`pg_tsdb_hypertable_compressed${hypertable}`]: 1,
    [`pg_citus_node_id${node}`]: 1,
    [`pg_citus_node_group${node}`]: 0,
    [`pg_citus_node_has_meta${node}`]: 1,
    [`pg_citus_node_is_active${node}`]: 1,
    [`pg_citus_node_meta_synced${node}`]: 1,
    [`pg_citus_node_have_shards${node}`]: 0,
  })
  const [size] = await server.query<{ bytes: string }>(
    `select pg_relation_size('_timescaledb_internal.chunk_1') + pg_indexes_size('_timescaledb_internal.chunk_1') as bytes`,
  )
  expect(samples[`pg_tsdb_hypertable_bytes${hypertable}`]).toBe(Number(size?.bytes))
})
