import { startPgbouncer } from '../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../testbed/pgbouncer.ts'
import { findPostgres, startPostgres, startStandby } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'

/** The servers that peers and agent look at, one after the other. */
export interface Lab extends AsyncDisposable {
  readonly primary: PostgresServer
  readonly pgbouncer: Pgbouncer | undefined
}

/** Each peer and the agent log in as a role of their own, so that the server can tell what they cost it. */
export const roles = { exporter: 'exporter', agent: 'pgherd' } as const

/** Of the agent and of the console of pgBouncer; never leaves loopback. */
export const password = 'bench'

/**
 * PostgreSQL 15, else 18, with a standby, three databases beside the templates, a hundred tables, the four tables of
 * pgbench and some hundred statements seen; pgBouncer in front.
 */
export async function startLab(): Promise<Lab> {
  await using stack = new AsyncDisposableStack()
  const major = (await findPostgres(15)) === undefined ? 18 : 15
  const primary = stack.use(
    await startPostgres({ major, settings: { 'pg_stat_statements.max': '10000', compute_query_id: 'on' } }),
  )
  for (const role of [...Object.values(roles), 'app']) {
    await primary.query(`create role ${role} login password '${password}'`)
  }
  await primary.query(`grant pg_monitor to ${Object.values(roles).join(', ')}`)
  await primary.query('create extension pg_stat_statements')
  await primary.query('create database app')
  await primary.query('create database shop')
  await primary.query(schema, undefined, 'app')
  const statements = Array.from({ length: 300 }, (_, i) => {
    const columns = Array.from({ length: 1 + (i % 60) }, () => '1').join(', ')
    return `select ${columns} from t${i % 100} where id = ${i}`
  })
  await primary.query(statements.join(';'), undefined, 'app')
  await primary.query('vacuum analyze', undefined, 'app')
  stack.use(await startStandby(primary))
  const pgbouncer = await startPgbouncer({ postgres: primary })
  if (pgbouncer !== undefined) stack.use(pgbouncer)
  const owned = stack.move()
  return { primary, pgbouncer, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Small servers, each with a role for the agent. */
export async function startSmallServers(
  count: number,
): Promise<{ readonly servers: readonly PostgresServer[] } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const servers: PostgresServer[] = []
  for (let i = 1; i <= count; i++) {
    const server = stack.use(
      await startPostgres({
        name: `small-${i}`,
        settings: {
          shared_buffers: '1MB',
          max_connections: '20',
          max_wal_senders: '0',
          wal_level: 'minimal',
        },
      }),
    )
    await server.query(`create role ${roles.agent} login`)
    await server.query(`grant pg_monitor to ${roles.agent}`)
    await server.query('create extension pg_stat_statements')
    servers.push(server)
  }
  const owned = stack.move()
  return { servers, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The tables of pgbench at scale 1 (pgbench(1)), and a hundred more. */
const schema = `
  create table pgbench_branches (bid int primary key, bbalance int, filler char(88));
  create table pgbench_tellers (tid int primary key, bid int, tbalance int, filler char(84));
  create table pgbench_accounts (aid int primary key, bid int, abalance int, filler char(84));
  create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  insert into pgbench_branches values (1, 0);
  insert into pgbench_tellers select i, 1, 0 from generate_series(1, 10) i;
  insert into pgbench_accounts select i, 1, 0, '' from generate_series(1, 100000) i;
  ${Array.from(
    { length: 100 },
    (_, i) => `create table t${i} (id bigint primary key, a int, b text);
      insert into t${i} select n, n, 'x' from generate_series(1, 100) n;`,
  ).join('\n')}`
