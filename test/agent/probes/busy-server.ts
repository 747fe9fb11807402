import { Client } from 'pg'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

/**
 * Lets every command run that reports its progress, a session wait for another, a transaction stay open, one be
 * prepared, and a subscription stream. All of it lasts for seconds at least and ends when disposed or with the server.
 */
export async function makeBusy(server: PostgresServer): Promise<AsyncDisposable> {
  const { major } = server
  const sessions: Client[] = []
  const open = async (parameters = ''): Promise<Client> => {
    const client = new Client({ connectionString: `${server.url()}${parameters}` })
    // They are cut off in the middle of something.
    client.on('error', () => undefined)
    await client.connect()
    sessions.push(client)
    return client
  }
  const begin = (client: Client, sql: string): void => {
    void client.query(sql).catch(() => undefined)
  }

  await server.query(`
    create table busy_vacuum as select generate_series(1, 20000) as n;
    create table busy_analyze as select generate_series(1, 20000) as n;
    create table busy_index as select generate_series(1, 100) as n;
    create table busy_cluster (n int);
    create table busy_lock (n int);
    create table busy_prepared (n int);
    -- Sleeps only in sessions that want it, so that the test itself need not wait.
    create function slowly(n int) returns int immutable language plpgsql as $$
      begin
        perform pg_catalog.pg_sleep(pg_catalog.current_setting('busy.nap')::float8);
        return n;
      end $$;
    set busy.nap = 0;
    create index on busy_cluster (slowly(n));
    insert into busy_cluster select generate_series(1, 100)`)
  await streamSubscription(server)
  // A slot that nobody uses.
  await server.query(`select pg_create_logical_replication_slot('idle', 'pgoutput')`)

  const working: readonly (readonly [view: string, from: number, sql: string])[] = [
    ['vacuum', 10, 'vacuum busy_vacuum'],
    ['analyze', 13, 'analyze busy_analyze'],
    ['create_index', 12, 'create index on busy_index (slowly(n))'],
    ['cluster', 12, 'vacuum full busy_cluster'],
    ['copy', 14, `copy (select slowly(n) from generate_series(1, 100) as n) to '/dev/null'`],
  ]
  for (const [, from, sql] of working) {
    if (major < from) continue
    const session = await open()
    await session.query('set busy.nap = 0.2; set vacuum_cost_delay = 100; set vacuum_cost_limit = 1')
    begin(session, sql)
  }
  if (major >= 13) {
    const options = `label 'busy', checkpoint 'fast', max_rate 32`
    begin(
      await open('?replication=database'),
      major >= 15 ? `BASE_BACKUP (${options})` : `BASE_BACKUP LABEL 'busy' FAST MAX_RATE 32`,
    )
  }

  const preparing = await open()
  await preparing.query(`begin; insert into busy_prepared values (0); prepare transaction 'busy'`)
  const holder = await open()
  await holder.query('begin; lock busy_lock')
  begin(await open(), 'select from busy_lock')

  const views = working.filter(([, from]) => major >= from).map(([view]) => view)
  if (major >= 13) views.push('basebackup')
  await waitFor('all to be under way', async () => {
    const [row] = await server.query<{ all: boolean }>(
      `select ${views.map((view) => `exists (select from pg_stat_progress_${view})`).join(' and ')}
          and exists (select from pg_locks where not granted)
          and exists (select from pg_stat_subscription where latest_end_time is not null) as all`,
    )
    return row?.all
  })
  return {
    async [Symbol.asyncDispose]() {
      await server.query(`select pg_terminate_backend(pid) from pg_stat_activity
                           where application_name = '' and backend_type in ('client backend', 'walsender')
                             and usename = 'postgres' and pid <> pg_backend_pid()`)
      await Promise.all(sessions.map((session) => session.end().catch(() => undefined)))
    },
  }
}

/** A subscription to a publication of the same server, whose slot must then be made first. */
async function streamSubscription(server: PostgresServer): Promise<void> {
  await server.query('create database publisher')
  await server.query('create table busy_published (n int primary key)', [], 'publisher')
  await server.query('create publication busy for table busy_published', [], 'publisher')
  await server.query(`select pg_create_logical_replication_slot('busy', 'pgoutput')`, [], 'publisher')
  await server.query('create table busy_published (n int primary key)')
  await server.query(
    `create subscription busy connection 'host=${server.socketDirectory} port=${server.port} dbname=publisher user=postgres'
            publication busy with (create_slot = false, slot_name = 'busy', copy_data = false)`,
  )
}
