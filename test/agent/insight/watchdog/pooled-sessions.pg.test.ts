import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { findProgram } from '../../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { createRoles, watch } from './watched-server.ts'

const policy = (grace: string): string => `
dry_run: false
per_minute: 100
rules:
  - { name: idle, case: idle-in-transaction, after: 1s, harm: none, action: terminate, grace: ${grace}, per_minute: 100 }`

/** The server's session is pgBouncer's: one of it stands for one client after the other. */
describe.skipIf(findProgram('pgbouncer') === undefined)('behind a pool of transactions', () => {
  const owned = new AsyncDisposableStack()
  let server: PostgresServer
  let pool: Pgbouncer

  beforeAll(async () => {
    server = owned.use(await startPostgres({ authentication: 'scram-sha-256' }))
    await createRoles(server)
    for (const role of ['app', 'watcher', 'actor']) await server.query(`alter role ${role} password 'secret'`)
    const started = await startPgbouncer({
      postgres: server,
      settings: { default_pool_size: '1', application_name_add_host: '1' },
    })
    pool = owned.use(started!)
  })
  afterAll(() => owned.disposeAsync())

  const connect = async (name: string) => {
    const client = new pg.Client({
      connectionString: pool.url('postgres', 'app', 'secret'),
      application_name: name,
    })
    const ended = Promise.withResolvers<string>()
    client.on('error', ({ message }) => ended.resolve(message))
    await client.connect()
    onTestFinished(() => client.end().catch(() => undefined))
    return { client, ended: ended.promise }
  }
  const begin = async (client: pg.Client): Promise<number> => {
    await client.query('begin')
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    return rows[0]!.pid
  }

  test('what is ended is the session that a client holds; it is named with host and port behind the pool, and others go on', async () => {
    const watched = await watch(server, policy('0s'), { password: 'secret' })
    const { client, ended } = await connect('billing')
    const pid = await begin(client)
    const other = await connect('shop')
    const waiting = other.client.query('select 1 as one')
    const report = await watched.until('it is ended', ({ deed }) => deed === 'terminated')
    expect(report.session).toMatchObject({ pid, usename: 'app' })
    expect(report.session?.['application_name']).toMatch(/^billing - 127\.0\.0\.1:\d+$/)
    expect(report.text).toMatch(/billing - 127\.0\.0\.1:\d+/)
    expect(report.after?.session).toBeNull()
    // The client is told by the pooler, and the one that waited for its place gets another session.
    expect(await ended).toMatch(/terminat|server conn|closed/i)
    expect((await waiting).rows).toEqual([{ one: 1 }])
    expect(await begin(other.client)).not.toBe(pid)
    await other.client.query('rollback')
  })

  test('a program that is protected by its name is so behind the pool', async () => {
    const watched = await watch(server, policy('0s'), { password: 'secret' })
    const { client } = await connect('pg_dump')
    const pid = await begin(client)
    const report = await watched.until('it is told', ({ session }) => session?.['pid'] === pid)
    expect(report).toMatchObject({ deed: 'reported' })
    expect(report.next).toContain('its application_name begins with pg_dump')
    for (let i = 0; i < 3; i++) await watched.look()
    expect(watched.audit).toEqual([])
    expect((await client.query('select 2 as two')).rows).toEqual([{ two: 2 }])
    await client.query('rollback')
  })

  test('a client that gets the session of a reported one begins with a report of its own', async () => {
    const watched = await watch(server, policy('1h'), { password: 'secret' })
    const first = await connect('first')
    const second = await connect('second')
    const pid = await begin(first.client)
    await watched.until('the first is told', ({ text }) => text.includes('first - '))
    await first.client.query('commit')
    expect(await begin(second.client)).toBe(pid)
    const report = await watched.until('the second is told', ({ text }) => text.includes('second - '))
    expect(report).toMatchObject({ deed: 'reported', session: { pid } })
    expect(watched.reports.map(({ deed }) => deed)).toEqual(['reported', 'reported'])
    expect(watched.audit).toEqual([])
    await second.client.query('rollback')
  })
})
