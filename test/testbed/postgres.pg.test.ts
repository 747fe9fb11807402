import { existsSync } from 'node:fs'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { allPostgresMajors, findPostgres, startPostgres, startStandby } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { childrenOf, isAlive } from '../../testbed/process-table.ts'
import { waitFor } from '../../testbed/wait.ts'

/** A client that may lose its server without failing the test run. */
async function connect(server: PostgresServer): Promise<Client> {
  const client = new Client({ connectionString: server.url() })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

describe.each(allPostgresMajors)('PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined

  test.skipIf(!installed)('a standby streams what the primary commits', async () => {
    await using primary = await startPostgres({ major })
    await using standby = await startStandby(primary, { name: 'pg-test-2' })
    await primary.query('create table t as select generate_series(1, 1000) as n')

    const seen = await waitFor('the rows on the standby', async () => {
      const rows = await standby.query<{ n: string }>(`select count(*) n from t`).catch(() => [])
      return rows[0]?.n
    })
    expect(seen).toBe('1000')
    expect(await standby.query('select pg_is_in_recovery() recovering')).toEqual([{ recovering: true }])
    expect(
      await primary.query(`select application_name, host(client_addr) address, slot_name, active
                             from pg_stat_replication join pg_replication_slots on active_pid = pid`),
    ).toEqual([{ application_name: 'pg-test-2', address: '127.0.0.1', slot_name: 'pg_test_2', active: true }])
    const [version] = await primary.query<{ server_version_num: string }>('show server_version_num')
    expect(Math.trunc(Number(version?.server_version_num) / 10_000)).toBe(major)
  })
})

describe('a server of the test bed', () => {
  test('survives kill -9: no process is left, and what was committed is there after the next start', async () => {
    await using server = await startPostgres()
    await server.query('create table t as select 1 as n')
    const processes = [server.pid, ...childrenOf(server.pid)]
    expect(processes.length).toBeGreaterThan(4)

    await server.kill()
    expect(processes.filter(isAlive)).toEqual([])
    expect(server.isRunning()).toBe(false)
    await expect(server.query('select')).rejects.toThrow(/ECONNREFUSED|ENOENT/)

    await server.start()
    expect(await server.query('select n from t')).toEqual([{ n: 1 }])
  })

  test('a paused server accepts connections and answers nothing until it is resumed', async () => {
    await using server = await startPostgres()
    const client = await connect(server)
    await server.pause()
    let answered = false
    const answer = client.query('select 1 as one').then((result) => {
      answered = true
      return result.rows as unknown
    })
    const fresh = new Client({ connectionString: server.url(), connectionTimeoutMillis: 150 })
    await expect(fresh.connect()).rejects.toThrow('timeout')
    expect(answered).toBe(false)

    server.resume()
    expect(await answer).toEqual([{ one: 1 }])
  })

  test.each(['fast', 'immediate'] as const)('stops in mode %s and starts again', async (mode) => {
    await using server = await startPostgres()
    const idle = await connect(server)
    const { pid } = server
    await server.stop(mode)
    expect(isAlive(pid)).toBe(false)
    await expect(idle.query('select 1')).rejects.toThrow()
    await server.start()
    expect(await server.query('select 1 as one')).toEqual([{ one: 1 }])
  })

  test('asks for a password over TCP when told to, and never of the superuser on the socket', async () => {
    await using server = await startPostgres({ authentication: 'scram-sha-256' })
    await server.query(`create role app login password 'right'`)
    const login = async (password: string): Promise<unknown> => {
      const client = new Client({ connectionString: server.url('postgres', 'app', password) })
      await client.connect()
      try {
        return (await client.query('select current_user as "user"')).rows
      } finally {
        await client.end()
      }
    }
    expect(await login('right')).toEqual([{ user: 'app' }])
    await expect(login('wrong')).rejects.toThrow('password authentication failed')
  })

  test('takes settings, and has statement statistics at hand', async () => {
    await using server = await startPostgres({ settings: { work_mem: '7MB' } })
    await server.query('create extension pg_stat_statements')
    expect(await server.query('show work_mem')).toEqual([{ work_mem: '7MB' }])
    expect(await server.query('select count(*) > 0 as some from pg_stat_statements')).toEqual([
      { some: true },
    ])
  })

  test('leaves no file and no process behind, even when it was killed', async () => {
    const server = await startPostgres()
    const { pid, dataDirectory, socketDirectory } = server
    await server.kill()
    await server[Symbol.asyncDispose]()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(dataDirectory)).toBe(false)
    expect(existsSync(socketDirectory)).toBe(false)
  })

  test('a setting it does not know is reported with the words of its log', async () => {
    await expect(startPostgres({ settings: { no_such_setting: '1' } })).rejects.toThrow(
      /ended \(exit status 1\) before it accepts connections[\s\S]*no_such_setting/,
    )
  })
})
