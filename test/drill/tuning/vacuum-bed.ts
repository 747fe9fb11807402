import pg from 'pg'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'

/** A server to which no rule has anything to say, where autovacuum comes every second. */
export const quiet = {
  autovacuum_naptime: '1s',
  max_wal_size: '8GB',
  shared_buffers: '512MB',
  random_page_cost: '1.1',
  work_mem: '256MB',
}

/** Statements of a session that stays open until it is disposed. */
export async function sessionOf(
  server: PostgresServer,
  ...statements: readonly string[]
): Promise<AsyncDisposable> {
  const client = new pg.Client({
    host: server.socketDirectory,
    port: server.port,
    user: 'postgres',
    database: 'postgres',
  })
  await client.connect()
  for (const statement of statements) await client.query(statement)
  return { [Symbol.asyncDispose]: () => client.end() }
}

/** One statement after the other. */
export async function run(server: PostgresServer, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await server.query(statement)
}

/** What all rules say to what is produced. */
export const adviceIn = async (observed: ObservedTestServer, produce: () => Promise<unknown>) => {
  const evidence = await observed.watch(produce, { until: (e) => (e.increase('wraparound.xids') ?? 0) > 0 })
  return observed.adviceOf(evidence)
}

/** A table whose rows are all counted. */
export const filled = (table: string, rows: number): readonly string[] => [
  `create unlogged table ${table} as select g as a, g as b from generate_series(1, ${rows}) g`,
  `vacuum analyze ${table}`,
]
