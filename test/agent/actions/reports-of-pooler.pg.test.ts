import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { pgbouncerShow } from '../../../agent/actions/kinds/pgbouncer-show.ts'
import { reportsOfPooler } from '../../../agent/actions/reports-of-pooler.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { contextOver, openForTest, rowsOf } from './action-context.ts'

const secret = 'hunter2-of-the-pooler'

describe.skipIf(findProgram('pgbouncer') === undefined)('of a pgBouncer', () => {
  let server: PostgresServer
  let pooler: Pgbouncer

  beforeAll(async () => {
    server = await startPostgres()
    await server.query(`create role app login password '${secret}'`)
    await server.query(`create role stats login password '${secret}'`)
    pooler = (await startPgbouncer({
      postgres: server,
      settings: { stats_users: 'stats', default_pool_size: '1', unix_socket_mode: '0777' },
    }))!
  })
  afterAll(async () => {
    await pooler[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  async function client(application: string): Promise<pg.Client> {
    const one = new pg.Client({
      connectionString: pooler.url('postgres', 'app', secret),
      application_name: application,
    })
    one.on('error', () => undefined)
    await one.connect()
    onTestFinished(() => one.end())
    return one
  }

  /** As a user who may only look. */
  async function shown(report: string, limit = 50) {
    const context = contextOver(openForTest(pooler.url('pgbouncer', 'stats', secret), { console: true }))
    const args = pgbouncerShow.args.parse({ report, limit })
    return (await pgbouncerShow.run(context, args)).output
  }

  test('pools has who waits for a connection, and how long', async () => {
    const first = await client('first')
    await first.query('begin')
    const waiting = (await client('second')).query('select 1')
    await waitFor(
      'the second to wait',
      async () => rowsOf(await shown('pools'), 'Pools')[0]?.['clients_waiting'] === '1',
    )
    const rows = rowsOf(await shown('pools'), 'Pools')
    expect(rows).toMatchObject([
      { database: 'postgres', user: 'app', clients_active: '1', servers_active: '1', mode: 'transaction' },
    ])
    expect(rows[0]!['longest_wait']).toMatch(/^\d+\.\d{3} s$/)
    await first.query('commit')
    await waiting
  })

  test('clients has those that wait first, and what they are linked to is among the servers', async () => {
    const first = await client('first')
    await first.query('begin')
    const waiting = (await client('second')).query('select 1')
    await waitFor(
      'the second to wait',
      async () => rowsOf(await shown('clients'), 'Clients')[0]?.['state'] === 'waiting',
    )
    const clients = rowsOf(await shown('clients'), 'Clients')
    expect(clients.map(({ application, state }) => [application, state])).toEqual([
      ['second', 'waiting'],
      ['first', 'active'],
    ])
    const [link] = rowsOf(await shown('servers'), 'Servers')
    const { rows } = await first.query<{ pid: number }>('select pg_backend_pid() as pid')
    expect(link).toMatchObject({ self: clients[1]!['linked_to'], pid: String(rows[0]!.pid) })
    await first.query('commit')
    await waiting
  })

  test('databases has where each leads, and whether it is paused', async () => {
    await (await client('one')).query('select 1')
    const console = new pg.Client({ connectionString: pooler.adminUrl })
    await console.connect()
    await console.query('pause postgres')
    const paused = rowsOf(await shown('databases'), 'Databases')
    await console.query('resume postgres')
    await console.end()
    expect(paused).toMatchObject([
      { name: 'postgres', host: '127.0.0.1', port: String(server.port), pool_size: '1', state: 'paused' },
    ])
  })

  test('stats has what each database has done since the start', async () => {
    await (await client('one')).query('select 1')
    const [row] = rowsOf(await shown('stats'), 'Since the start')
    expect(row).toMatchObject({ database: 'postgres' })
    expect(Number(row!['queries'])).toBeGreaterThan(0)
  })

  test('settings has what differs from its default, and a mode that is only written otherwise does not', async () => {
    const rows = rowsOf(await shown('settings'), 'Settings')
    expect(rows).toContainEqual({
      setting: 'default_pool_size',
      value: '1',
      default: '20',
      changed_by: 'reload',
    })
    expect(rows.map(({ setting }) => setting)).not.toContain('unix_socket_mode')
  })

  test('a limit cuts the rows, and it is said', async () => {
    const [table] = await shown('settings', 2)
    expect(table).toMatchObject({ type: 'table', truncated: true })
    expect(table?.type === 'table' && table.rows.length).toBe(2)
  })

  test('none has a password', async () => {
    await (await client('one')).query('select 1')
    const everything = await Promise.all(reportsOfPooler.map(({ name }) => shown(name)))
    expect(JSON.stringify(everything)).not.toMatch(/hunter2|SCRAM-SHA-256\$|password/)
  })

  test('a user who may not look is told so', async () => {
    const context = contextOver(openForTest(pooler.url('pgbouncer', 'app', secret), { console: true }))
    const args = pgbouncerShow.args.parse({ report: 'pools' })
    await expect(pgbouncerShow.run(context, args)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' })
  })
})
