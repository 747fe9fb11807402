import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startBlackhole } from '../../testbed/blackhole.ts'
import { startPostgres, startStandby } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'
import { expectWholeReports } from '../agent/health/whole-reports.ts'
import { watch } from '../agent/health/watched.ts'
import type { Watched } from '../agent/health/watched.ts'

/** Within which a load balancer is to hear of it. */
const promiseMs = 2_000

const setup = `create role pgherd login; grant pg_monitor to pgherd`
const urlOf = (server: PostgresServer): string => server.url('postgres', 'pgherd')
const serverYaml = (server: PostgresServer): string => `postgres: { url: '${urlOf(server)}' }`

describe('a server whose state changes', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    await server.query(setup)
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(() => server.start())

  async function watched(): Promise<Watched> {
    const found = watch(serverYaml(server))
    await found.until('it to be writable', ({ isWritable }) => isWritable === true)
    return found
  }

  test('that hangs (SIGSTOP) is hung within two seconds, and running as soon as it goes on', async () => {
    const found = await watched()
    await server.pause()
    onTestFinished(() => server.resume())
    const hung = await found.until('it to be hung', ({ state }) => state === 'hung')
    expect(hung.tookMs).toBeLessThan(promiseMs)
    expect(hung.report.role).toBeNull()
    server.resume()
    const again = await found.until('it to run', ({ state }) => state === 'running')
    expect(again.tookMs).toBeLessThan(promiseMs)
  })

  test('that is killed is down within two seconds, and running within two after its start', async () => {
    const found = await watched()
    await server.kill()
    const down = await found.until('it to be down', ({ state }) => state === 'down')
    expect(down.tookMs).toBeLessThan(promiseMs)
    expect(down.report.reason).toContain('ECONNREFUSED')
    await server.start()
    const again = await found.until('it to run', ({ state }) => state === 'running')
    expect(again.tookMs).toBeLessThan(promiseMs)
  })

  test('that hangs, is killed and started again is never called a primary in between', async () => {
    const found = await watched()
    await server.pause()
    await found.until('it to be hung', ({ state }) => state === 'hung')
    await server.kill()
    const down = await found.until('it to be down', ({ state }) => state === 'down')
    expect(down.report.role).toBeNull()
  })

  test('of which one session alone hangs is running: a new connection tells', async () => {
    const found = await watched()
    const [row] = await server.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'pgherd health'`,
    )
    process.kill(row!.pid, 'SIGSTOP')
    onTestFinished(() => void process.kill(row!.pid, 'SIGCONT'))
    const states = new Set<string>()
    const listening = found.health.subscribe(({ state }) => states.add(state))
    onTestFinished(() => listening[Symbol.dispose]())
    await waitFor('another session', async () => {
      const rows = await server.query(
        `select from pg_stat_activity where application_name = 'pgherd health' and pid <> $1`,
        [row!.pid],
      )
      return rows.length > 0
    })
    const at = found.current().atMs
    await found.until('a newer report', ({ atMs }) => atMs > at)
    expect([found.current().state, [...states]]).toEqual(['running', []])
  })

  test('is not called hung by an agent that itself stood still, nor a primary before it has answered again', async () => {
    const found = await watched()
    const states: string[] = []
    const listening = found.health.subscribe(({ state }) => states.push(state))
    onTestFinished(() => listening[Symbol.dispose]())
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000)
    const { state, role } = found.current()
    expect([state, role]).toEqual(['unknown', null])
    const again = await found.until('it to run', (report) => report.state === 'running')
    expect(again.report.role).toBe('primary')
    expect(states).not.toContain('hung')
  })

  test('that lets nobody in any more is refusing, with the reason, and its role is not known', async () => {
    await server.query(`alter role pgherd connection limit 0`)
    onTestFinished(async () => {
      await server.query('alter role pgherd connection limit -1')
    })
    const found = watch(serverYaml(server))
    const { report } = await found.until('it to refuse', ({ state }) => state === 'refusing')
    expect([report.role, report.reason]).toEqual([null, expect.stringContaining('too many connections')])
  })

  test('whose own default is read-only is a primary that takes no writes', async () => {
    await server.query('alter system set default_transaction_read_only = on')
    await server.query('select pg_reload_conf()')
    onTestFinished(async () => {
      await server.query('alter system reset default_transaction_read_only')
      await server.query('select pg_reload_conf()')
    })
    // The postmaster reads its files when the signal reaches it, and a session has what was in force at its start.
    await waitFor('a new session to have it', async () => {
      const [row] = await server.query('show default_transaction_read_only')
      return row?.['default_transaction_read_only'] === 'on'
    })
    const found = watch(serverYaml(server))
    const { report } = await found.until('it to be judged', ({ isWritable }) => isWritable !== null)
    expect([report.role, report.isWritable]).toEqual(['primary', false])
  })

  test('one connection is kept, named, limited and read-only', async () => {
    const found = await watched()
    const before = found.current().atMs
    await found.until('two further cycles', ({ atMs }) => atMs > before + 1_500)
    const rows = await server.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'pgherd health'`,
    )
    expect(rows).toHaveLength(1)
    // Only the session itself can tell its settings; that it cannot write is what counts.
    const [writes] = await server.query<{ n: string }>(
      `select count(*) as n from pg_stat_activity where application_name = 'pgherd health' and backend_xid is not null`,
    )
    expect(Number(writes!.n)).toBe(0)
  })
})

test('a server in recovery that lets nobody in yet is starting', async () => {
  await using server = await startPostgres()
  await server.query(setup)
  await using standby = await startStandby(server)
  await standby.query('alter system set hot_standby = off')
  await standby.stop()
  // It never becomes ready, which ends with the server.
  const starting = standby.start().catch(() => undefined)
  const found = watch(serverYaml(standby))
  const { report } = await found.until('it to be starting', ({ state }) => state === 'starting')
  expect([report.role, report.reason]).toEqual([
    null,
    expect.stringMatching(/starting up|not accepting connections/),
  ])
  await standby.stop('immediate')
  await starting
})

test('something that takes connections and never answers is hung', async () => {
  await using hole = await startBlackhole()
  const found = watch(`postgres: { url: 'postgres://pgherd@127.0.0.1:${hole.port}/postgres' }`)
  const { tookMs } = await found.until('it to be hung', ({ state }) => state === 'hung')
  expect(tookMs).toBeLessThan(promiseMs)
})

test('a primary and its standby tell role, positions, timeline, standbys and slots, before and after a promotion', () =>
  expectWholeReports(18))
