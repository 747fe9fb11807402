import pg from 'pg'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../testbed/postgres.ts'

/** A server as large as insight has to bear. */
export interface Size {
  readonly statements: number
  readonly tables: number
  /** Beside their primary keys there is an index on each of so many tables. */
  readonly secondIndexes: number
  readonly sessions: number
  /** Of the sessions. */
  readonly working: number
}

export interface Lab extends AsyncDisposable {
  readonly server: PostgresServer
}

/** Of the agent, so that the server can tell what it costs. */
export const agentRole = 'pgherd'
const appDatabase = 'app'

/** Tables created in one transaction: each takes locks until its end. */
const batch = 250

/**
 * A server with that many of everything, and sessions that go on working until it is disposed of: most of what works asks a random
 * statement of all some times a second, some sleep, and some wait for each other's row.
 */
export async function startLab(size: Size, major: PostgresMajor): Promise<Lab> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(
    await startPostgres({
      major,
      settings: {
        'pg_stat_statements.max': '10000',
        compute_query_id: 'on',
        max_connections: String(size.sessions + 40),
        shared_buffers: '512MB',
        max_locks_per_transaction: '256',
        max_wal_size: '2GB',
        // A worker that ends is not told from a session of the agent that ends.
        autovacuum: 'off',
        max_parallel_workers_per_gather: '0',
      },
    }),
  )
  await server.query(`create role ${agentRole} login`)
  await server.query(`grant pg_monitor to ${agentRole}`)
  await server.query('create role app login superuser')
  await server.query('create extension pg_stat_statements')
  await server.query(`create database ${appDatabase}`)
  await server.query('create extension pg_stat_statements', undefined, appDatabase)
  for (let from = 0; from < size.tables; from += batch) {
    const to = Math.min(size.tables, from + batch)
    const texts = Array.from({ length: to - from }, (_, i) => tableText(from + i, size))
    await server.query(texts.join('\n'), undefined, appDatabase)
  }
  await server.query('vacuum analyze', undefined, appDatabase)
  const sessions = await openSessions(server, size.sessions)
  stack.defer(() => sessions.end())
  await askAll(sessions.clients[0]!, size)
  const stop = new AbortController()
  const working = Promise.all(
    sessions.clients.slice(0, size.working).map((one, i) => work(one, i, size, stop.signal)),
  )
  stack.defer(async () => {
    stop.abort()
    await working
  })
  const owned = stack.move()
  return { server, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function tableText(i: number, { secondIndexes }: Size): string {
  return `create table t${i} (id bigint primary key, a int, b text default 'x');
    insert into t${i} select n, n from generate_series(1, 20) n;
    ${i < secondIndexes ? `create index t${i}_a on t${i} (a);` : ''}`
}

/** One fingerprint per table. */
function statementText(i: number): string {
  return `select id, a, b from t${i} where id = $1`
}

async function askAll(client: pg.Client, { statements }: Size): Promise<void> {
  for (let i = 0; i < statements; i++) await client.query(statementText(i), [1])
}

async function openSessions(server: PostgresServer, count: number) {
  const clients: pg.Client[] = []
  for (let i = 0; i < count; i++) {
    const client = new pg.Client({
      connectionString: server.url(appDatabase, 'app'),
      application_name: `app-${i % 7}`,
    })
    client.on('error', () => undefined)
    await client.connect()
    clients.push(client)
  }
  return {
    clients,
    async end() {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
    },
  }
}

/** Statements a second of one session that asks for rows; few, because it is the agent that is measured. */
const askedPerSecond = 10

async function work(client: pg.Client, number: number, size: Size, signal: AbortSignal): Promise<void> {
  const isOver = (): boolean => signal.aborted
  for (let turn = number; !isOver(); turn += 7919) {
    try {
      if (number % 8 === 7) await client.query('select pg_sleep(0.7)')
      else if (number % 8 === 6) {
        // Two of them at a time, so that one waits.
        await client.query(`update t0 set a = a + 1 where id = 1 and pg_sleep(0.3) is not null`)
      } else {
        await client.query(statementText(turn % size.statements), [1 + (turn % 20)])
        await new Promise((resolve) => setTimeout(resolve, 1000 / askedPerSecond))
      }
    } catch (error) {
      if (!isOver()) throw error
    }
  }
}
