import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { act } from '../../../../agent/insight/watchdog/act.ts'
import { readLook } from '../../../../agent/insight/watchdog/read-look.ts'
import type { Session } from '../../../../agent/insight/watchdog/session.ts'
import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import { systemClock } from '../../../../common/clock.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { openForTest } from '../../actions/action-context.ts'
import { madePolicy } from './made-sessions.ts'
import { openRawClient } from './raw-client.ts'
import { createRoles, watch } from './watched-server.ts'

const everything = `
dry_run: false
rules:
  - { name: head, case: lock-head, after: 1s, harm: { blocks_longer_than: 1s }, action: terminate, grace: 0s }
  - { name: idle, case: idle-in-transaction, after: 1s, harm: none, action: terminate, grace: 0s }
  - { name: long, case: long-transaction, after: 1s, harm: none, action: terminate, grace: 0s }`

describe.each([14, 18] as const)('on PostgreSQL %i', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { compute_query_id: 'on' } })
    await createRoles(server)
    await server.query(`
create role dba login in role boss;
create role quiet login;
alter role quiet set track_activities = off;
grant all on things to quiet`)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const look = async () => {
    const connection = await openForTest(server.url('postgres', 'watcher'))()
    return readLook(
      { query: (statement, timeoutMs) => connection.read(statement, timeoutMs) },
      {
        versionNumber: connection.versionNumber,
        leastMs: 0,
        withExclusive: false,
        withLeftovers: false,
        atMs: 0,
      },
    )
  }
  const until = (pid: number, what: string, isIt: (session: Session) => boolean): Promise<Session> =>
    waitFor(`session ${pid} ${what}`, async () =>
      (await look()).sessions.find((one) => one.pid === pid && isIt(one)),
    )
  const terminate = (session: Session, which: string) => {
    const harm = which === 'lock-head' ? '{ blocks_longer_than: 1s }' : 'none'
    const policy = madePolicy(`
dry_run: false
rules: [{ name: it, case: ${which}, after: 1s, harm: ${harm}, action: terminate }]`)
    return act(
      {
        ...{
          step: 'terminate',
          rule: policy.rules[0]!,
          session,
          heldMs: 0,
          harm: [],
          next: '',
          isDry: false,
        },
        root: undefined,
      },
      {
        ...{ server: 'pg-test-1', versionNumber: major * 10_000, clock: systemClock },
        signal: new AbortController().signal,
        port: {
          open: () =>
            openActionSession({
              url: server.url('postgres', 'boss'),
              ...{ clock: systemClock, slots: new Set(), timeoutMs: 5_000 },
            }),
          record: () => Promise.resolve(true),
        },
      },
    )
  }

  test('a look tells the clock of the server, and does not show itself', async () => {
    const { serverMs, sessions } = await look()
    expect(Math.abs((serverMs ?? 0) - Date.now())).toBeLessThan(10_000)
    expect(sessions.filter(({ role }) => role === 'watcher')).toEqual([])
  })

  test('a COPY that goes on between the look and the signal is not hit', async () => {
    const client = await openRawClient(server, 'app')
    client.query('copy things from stdin')
    client.copyData('7001\tfirst\n')
    const stalled = await until(client.pid, 'in a COPY', (one) => (one.copiedBytes ?? 0) > 0)
    client.copyData('7002\tsecond\n')
    await until(client.pid, 'further on', (one) => one.copiedBytes !== stalled.copiedBytes)
    expect(await terminate(stalled, 'copy-stalled')).toMatchObject({ deed: 'missed' })
    expect(client.isClosed()).toBe(false)
  })

  test('a client that takes its answer again is not hit', async () => {
    const client = await openRawClient(server, 'app')
    client.query('select pg_sleep(600)')
    const works = await until(client.pid, 'at work', ({ wait }) => wait === 'Timeout:PgSleep')
    const waited = { ...works, wait: 'Client:ClientWrite' }
    expect(await terminate(waited, 'client-write')).toMatchObject({ deed: 'missed' })
    expect(client.isClosed()).toBe(false)
    expect(await terminate(works, 'long-query')).toMatchObject({ deed: 'terminated' })
  })

  test('a head of a queue that comes to wait itself is not hit', async () => {
    const [head, other] = await Promise.all([openRawClient(server, 'app'), openRawClient(server, 'app')])
    await head.run(`begin; update things set name = 'x' where id = 1`)
    await other.run(`begin; update things set name = 'x' where id = 2`)
    const found = await until(head.pid, 'idle', ({ state }) => state === 'idle in transaction')
    head.query(`update things set name = 'y' where id = 2`)
    await until(head.pid, 'waits', ({ wait }) => wait.startsWith('Lock:'))
    expect(await terminate(found, 'lock-head')).toMatchObject({ deed: 'missed' })
    expect(head.isClosed()).toBe(false)
  })

  test('who can become a superuser is left alone, by the judge and by the statement that signals', async () => {
    const dba = await openRawClient(server, 'dba')
    await dba.run('begin; set local role boss; select 1')
    const app = await openRawClient(server, 'app')
    await app.run('begin; select 1')
    const watched = await watch(server, everything, { actor: 'boss' })
    const end = await watched.until('the end of the other', ({ deed }) => deed === 'terminated')
    expect(end.session).toMatchObject({ pid: app.pid })
    const told = await watched.until('a report', ({ session }) => session?.['pid'] === dba.pid)
    expect(told.next).toBe('it is left alone: dba is or may become a superuser, or is not known any more')
    const found = await until(dba.pid, 'idle', ({ state }) => state === 'idle in transaction')
    expect(await terminate({ ...found, isSuperuser: false }, 'idle-in-transaction')).toMatchObject({
      deed: 'missed',
    })
    expect(dba.isClosed()).toBe(false)
  })

  test('who does not tell what he does is left alone, even as the head of a queue', async () => {
    const quiet = await openRawClient(server, 'quiet')
    await quiet.run(`begin; update things set name = 'q' where id = 3`)
    const victim = await openRawClient(server, 'app')
    victim.query(`update things set name = 'v' where id = 3`)
    const found = await until(quiet.pid, 'does not tell', ({ state }) => state === 'disabled')
    const watched = await watch(server, everything, { actor: 'boss' })
    const told = await watched.until('a report', ({ session }) => session?.['pid'] === quiet.pid)
    expect(told.next).toBe('it is left alone: it does not tell what it does (track_activities)')
    for (let looks = 0; looks < 3; looks++) await watched.look()
    expect(await terminate(found, 'lock-head')).toMatchObject({ deed: 'missed' })
    expect(quiet.isClosed()).toBe(false)
  })

  test('the evidence has the number of the statement to its last digit', async () => {
    const client = await openRawClient(server, 'app')
    await client.run('begin; select count(*) from things')
    const [known] = await server.query('select query_id::text as id from pg_stat_activity where pid = $1', [
      client.pid,
    ])
    const watched = await watch(server, everything.replaceAll('terminate', 'report'))
    const told = await watched.until('a report', ({ session }) => session?.['pid'] === client.pid)
    expect(told.session?.['query_id']).toBe(known?.['id'])
    expect(String(known?.['id'])).toMatch(/^-?\d{6,}$/)
  })

  const heads = everything.split('\n').slice(0, 4).join('\n')

  test('nobody is the head of a queue because an index is built beside him, until that holds up others', async () => {
    const report = await openRawClient(server, 'app')
    await report.run('begin isolation level repeatable read; select 1')
    const builder = await openRawClient(server, 'boss')
    builder.query('create index concurrently things_name on things (name)')
    await until(builder.pid, 'waits', ({ wait }) => wait === 'Lock:virtualxid')
    const watched = await watch(server, heads)
    for (let looks = 0; looks < 4; looks++) await watched.look()
    expect(watched.reports).toEqual([])
    const behind = await openRawClient(server, 'app')
    behind.query('begin; lock table things in access exclusive mode')
    const end = await watched.until('an end', ({ deed }) => deed === 'terminated')
    expect(end.session).toMatchObject({ pid: report.pid })
  })

  test('who holds an advisory lock for which others wait is no head of a queue', async () => {
    const leader = await openRawClient(server, 'app')
    await leader.run('select pg_advisory_lock(1)')
    const follower = await openRawClient(server, 'app')
    follower.query('select pg_advisory_lock(1)')
    await until(follower.pid, 'waits', ({ wait }) => wait === 'Lock:advisory')
    const watched = await watch(server, heads)
    for (let looks = 0; looks < 4; looks++) await watched.look()
    expect(watched.reports).toEqual([])
  })
})
