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
import type { RawClient } from './raw-client.ts'
import { createRoles, watch } from './watched-server.ts'

const never = new AbortController().signal

const rule = (which: string, more = 'harm: none'): string => `
dry_run: false
rules: [{ name: it, case: ${which}, after: 1s, ${more}, action: terminate, grace: 0s }]`

/** The cases in which a cancel has no effect, each as a client brings it about. */
const deaf: readonly {
  readonly name: string
  readonly which: string
  readonly begin: (client: RawClient) => Promise<void>
  readonly state: string
  readonly wait: string
}[] = [
  {
    name: 'Parse, Bind and Execute without a Sync',
    which: 'client-read',
    begin(client) {
      client.executeWithoutSync('select count(*) from things')
      return Promise.resolve()
    },
    state: 'active',
    wait: 'Client:ClientRead',
  },
  {
    name: 'a COPY FROM STDIN that does not go on',
    which: 'copy-stalled',
    begin(client) {
      client.query('copy things from stdin')
      client.copyData('5000\tfirst\n')
      return Promise.resolve()
    },
    state: 'active',
    wait: 'Client:ClientRead',
  },
  {
    name: 'a client that does not read its answer',
    which: 'client-write',
    begin(client) {
      client.stopReading()
      // One row that is larger than all buffers on the way.
      client.query(`select repeat('x', 30000000)`)
      return Promise.resolve()
    },
    state: 'active',
    wait: 'Client:ClientWrite',
  },
  {
    name: 'idle in a transaction',
    which: 'idle-in-transaction',
    begin: (client) => client.run(`begin; update things set name = 'secret' where id = 1`),
    state: 'idle in transaction',
    wait: 'Client:ClientRead',
  },
  {
    name: 'idle in an aborted transaction',
    which: 'aborted-transaction',
    async begin(client) {
      await client.run('begin')
      await client.run('select 1/0')
    },
    state: 'idle in transaction (aborted)',
    wait: 'Client:ClientRead',
  },
]

describe.each([14, 15, 18] as const)('on PostgreSQL %i', (major) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { max_prepared_transactions: '5' } })
    await createRoles(server)
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const sessionOf = async (pid: number): Promise<Session | undefined> => {
    const connection = await openForTest(server.url('postgres', 'watcher'))()
    const look = await readLook(
      { query: (statement, timeoutMs) => connection.read(statement, timeoutMs) },
      {
        versionNumber: connection.versionNumber,
        ...{ leastMs: 0, withExclusive: false, withLeftovers: false, atMs: 0 },
      },
    )
    return look.sessions.find((one) => one.pid === pid)
  }
  const untilSession = (pid: number, state: string, wait: string, leastMs = 0): Promise<Session> =>
    waitFor(`session ${pid} to be ${state}, ${wait}`, async () => {
      const session = await sessionOf(pid)
      // A moment later: the buffers on the way to a client that reads nothing are full by then.
      return session?.state === state && session.wait === wait && session.stateMs > leastMs
        ? session
        : undefined
    })
  const actOn = async (
    session: Session,
    step: 'cancel' | 'terminate',
    user = 'actor',
    which = 'client-read',
  ) => {
    const [one] = madePolicy(
      rule(which, which === 'lock-head' ? 'harm: { blocks_longer_than: 1s }' : 'harm: none'),
    ).rules
    return act(
      { step, rule: one!, session, heldMs: 0, harm: [], root: undefined, next: '', isDry: false },
      {
        ...{ server: 'pg-test-1', versionNumber: major * 10_000, clock: systemClock, signal: never },
        port: {
          open: () =>
            openActionSession({
              url: server.url('postgres', user),
              ...{ clock: systemClock, slots: new Set(), timeoutMs: 5_000 },
            }),
          record: () => Promise.resolve(true),
        },
      },
    )
  }

  describe.each(deaf)('$name', ({ which, begin, state, wait }) => {
    test('does not notice a cancel', async () => {
      const client = await openRawClient(server, 'app')
      await begin(client)
      const before = await untilSession(client.pid, state, wait, 1_000)
      const acted = await actOn(before, 'cancel', 'actor', which)
      expect(acted.deed).toBe('cancelled')
      expect(acted.outcome).toBe(state === 'active' ? 'its statement goes on so far' : `it is ${state}`)
      const after = await untilSession(client.pid, state, wait)
      expect(after).toMatchObject({ stateChange: before.stateChange, queryStart: before.queryStart })
      expect(client.isClosed()).toBe(false)
    })

    test('is found, reported and ended, with no cancel before', async () => {
      const client = await openRawClient(server, 'app')
      await begin(client)
      await untilSession(client.pid, state, wait)
      const watched = await watch(server, rule(which))
      const end = await watched.until('the end', ({ deed }) => deed === 'terminated')
      expect(watched.reports.map(({ deed }) => deed)).toEqual(['reported', 'terminated'])
      expect(watched.reports[0]?.next).toMatch(/without a cancel before: a cancel (?:often )?has no effect/)
      expect(end).toMatchObject({
        after: { session: null },
        session: { pid: client.pid, usename: 'app', state },
      })
      expect(JSON.stringify(watched.reports)).not.toMatch(/secret|30000000/)
      expect(watched.audit.map(({ event, outcome }) => [event, outcome])).toEqual([
        ['session-signalled', null],
        ['session-signalled', 'terminated: it is gone'],
      ])
      expect(await sessionOf(client.pid)).toBeUndefined()
    })
  })

  test('a COPY that goes on is left alone, however slow it is', async () => {
    const client = await openRawClient(server, 'app')
    client.query('copy things from stdin')
    await untilSession(client.pid, 'active', 'Client:ClientRead')
    const watched = await watch(server, rule('copy-stalled').replace('after: 1s', 'after: 12s'))
    for (let row = 10_000; row < 10_012; row++) {
      const before = await sessionOf(client.pid)
      client.copyData(`${row}\tslow\n`)
      await waitFor(
        'the row to come',
        async () => (await sessionOf(client.pid))?.copiedBytes !== before?.copiedBytes,
      )
      await watched.look()
    }
    expect(watched.reports).toEqual([])
  })

  test('a long query is cancelled, and its session stays', async () => {
    const client = await openRawClient(server, 'app')
    client.query('select pg_sleep(600)')
    await untilSession(client.pid, 'active', 'Timeout:PgSleep')
    const watched = await watch(server, rule('long-query', 'harm: none, only: { roles: [app] }'))
    const report = await watched.until('a cancel', ({ deed }) => deed === 'cancelled')
    expect(report.after?.session).toMatchObject({ pid: client.pid, state: 'idle' })
    await watched.look()
    expect(watched.reports.map(({ deed }) => deed)).toEqual(['reported', 'cancelled'])
    expect(client.isClosed()).toBe(false)
  })

  test('of a lock queue of three the head is ended, and those behind it go on', async () => {
    const [head, second, third] = await Promise.all([
      openRawClient(server, 'app'),
      openRawClient(server, 'app'),
      openRawClient(server, 'app'),
    ])
    await head.run('begin; lock table things in access exclusive mode')
    const going = second.run(`update things set name = 'second' where id = 2`)
    await untilSession(second.pid, 'active', 'Lock:relation')
    const reading = third.run('begin; lock table things in access exclusive mode')
    await untilSession(third.pid, 'active', 'Lock:relation')
    const watched = await watch(server, rule('lock-head', 'harm: { blocks_longer_than: 1s }'))
    const end = await watched.until('the end', ({ deed }) => deed === 'terminated')
    expect(end.session).toMatchObject({ pid: head.pid })
    expect(end.locks[0]).toBe('AccessExclusiveLock on public.things')
    expect(end.victims.map(({ pid }) => pid).sort()).toEqual([second.pid, third.pid].sort())
    expect(end.text).toMatch(
      /2 sessions wait for it, the longest for \d+s; it is gone, and \d of 2 that waited go on/,
    )
    await Promise.all([going, reading])
    expect([head, second, third].map((one) => one.isClosed())).toEqual([true, false, false])
  })

  test('who holds an ACCESS EXCLUSIVE lock and holds back vacuum is found by it', async () => {
    const client = await openRawClient(server, 'app')
    await client.run(
      'begin isolation level repeatable read; lock table things in access exclusive mode; select 1',
    )
    const locked = await watch(
      server,
      rule('long-transaction', 'harm: { holds_exclusive_lock: true }').replace('terminate', 'report'),
    )
    const report = await locked.until('a report', ({ deed }) => deed === 'reported')
    expect(report.harm).toEqual(['it holds an ACCESS EXCLUSIVE lock'])
    await server.query('create table if not exists noise (id int); insert into noise values (1)')
    await server.query('insert into noise values (2)')
    const old = await watch(
      server,
      rule('long-transaction', 'harm: { xmin_older_than: 2 }').replace('terminate', 'report'),
    )
    const second = await old.until('a report', ({ deed }) => deed === 'reported')
    expect(second.harm[0]).toMatch(/^vacuum can remove nothing that \d+ transactions since have left$/)
  })

  test('prepared transactions and unused slots are told, and stay', async () => {
    const client = await openRawClient(server, 'app')
    await client.run(`begin; insert into things values (9077, 'x'); prepare transaction 'forgotten'`)
    await server.query(`select pg_create_physical_replication_slot('orphan', true)`)
    const watched = await watch(
      server,
      `
rules:
  - { name: p, case: prepared-transaction, after: 1s }
  - { name: s, case: inactive-slot, after: 1s }`,
    )
    // They are looked for once a minute of the agent's clock.
    const slot = await watched.until('a slot', ({ rule: name }) => name === 's')
    const prepared = await watched.until('a transaction', ({ rule: name }) => name === 'p')
    expect(prepared).toMatchObject({
      deed: 'reported',
      session: null,
      leftover: { name: 'forgotten', role: 'app', database: 'postgres' },
    })
    expect(Number(prepared.leftover?.['locks'])).toBeGreaterThan(0)
    expect(slot.leftover).toMatchObject({ name: 'orphan', type: 'physical', wal_status: 'reserved' })
    expect(await server.query('select gid from pg_prepared_xacts')).toHaveLength(1)
    expect(await server.query('select slot_name from pg_replication_slots')).toHaveLength(1)
    await server.query(`rollback prepared 'forgotten'`)
    await server.query(`select pg_drop_replication_slot('orphan')`)
  })

  test('a superuser and a session for replication are never ended, even by a superuser and by a policy that ends everything', async () => {
    const boss = await openRawClient(server, 'boss')
    await boss.run('begin; select 1')
    const walsender = await openRawClient(server, 'follower', { replication: 'database' })
    await walsender.run('begin')
    const follower = await openRawClient(server, 'follower')
    await follower.run('begin; select 1')
    const patroni = await openRawClient(server, 'app', { application_name: 'Patroni heartbeat' })
    await patroni.run('begin; select 1')
    const app = await openRawClient(server, 'app')
    await app.run('begin; select 1')
    const everything = `
dry_run: false
rules:
  - { name: a, case: idle-in-transaction, after: 1s, harm: none, action: terminate, grace: 0s }
  - { name: b, case: long-transaction, after: 1s, harm: none, action: terminate, grace: 0s }`
    const watched = await watch(server, everything, { actor: 'boss' })
    await watched.until('the end of the only one that may be', ({ deed }) => deed === 'terminated')
    for (let looks = 0; looks < 5; looks++) await watched.look()
    const hit = watched.reports
      .filter(({ deed }) => deed !== 'reported')
      .map(({ session }) => session?.['pid'])
    expect(hit).toEqual([app.pid])
    const reported = watched.reports.filter(({ next }) => next.startsWith('it is left alone'))
    expect(reported.map(({ session }) => session?.['pid']).sort()).toEqual(
      [boss.pid, follower.pid, patroni.pid].sort(),
    )
    expect([boss, walsender, follower, patroni].map((one) => one.isClosed())).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('the statement that signals asks itself whom it must not hit', async () => {
    const boss = await openRawClient(server, 'boss')
    await boss.run('begin; select 1')
    const dump = await openRawClient(server, 'app', { application_name: 'PG_DUMP' })
    await dump.run('begin; select 1')
    for (const { pid } of [boss, dump]) {
      const found = await untilSession(pid, 'idle in transaction', 'Client:ClientRead')
      // As if the judge had been wrong.
      const wrong = { ...found, isSuperuser: false, application: 'web' }
      expect(await actOn(wrong, 'terminate', 'boss')).toMatchObject({ deed: 'missed' })
    }
    expect([boss.isClosed(), dump.isClosed()]).toEqual([false, false])
  })

  test('one that has gone on, or has the process id of another, is not hit', async () => {
    const client = await openRawClient(server, 'app')
    await client.run('begin; select 1')
    const found = await untilSession(client.pid, 'idle in transaction', 'Client:ClientRead')
    const others: readonly Partial<Session>[] = [
      { backendStart: '2020-01-01 00:00:00+00' },
      { transactionStart: '2020-01-01 00:00:00+00' },
      { transactionStart: null },
      { queryStart: '2020-01-01 00:00:00+00' },
      { stateChange: '2020-01-01 00:00:00+00' },
    ]
    for (const other of others) {
      expect(await actOn({ ...found, ...other }, 'terminate')).toMatchObject({ deed: 'missed' })
    }
    await client.run('select 2')
    expect(await actOn(found, 'terminate')).toMatchObject({ deed: 'missed' })
    // The transaction is the same, which is what counts for the head of a queue.
    expect(await actOn(found, 'cancel', 'actor', 'lock-head')).toMatchObject({ deed: 'missed' })
    expect(client.isClosed()).toBe(false)
    expect(await actOn(found, 'terminate', 'actor', 'lock-head')).toMatchObject({ deed: 'terminated' })
    expect(await sessionOf(client.pid)).toBeUndefined()
  })

  test('a trial touches nobody and says what it would do', async () => {
    const client = await openRawClient(server, 'app')
    await client.run('begin; select 1')
    const watched = await watch(
      server,
      rule('idle-in-transaction').replace('dry_run: false', 'dry_run: true'),
    )
    const would = await watched.until('the end of the trial', ({ deed }) => deed === 'would-terminate')
    expect(would).toMatchObject({ isDry: true, after: null, session: { pid: client.pid } })
    for (let looks = 0; looks < 3; looks++) await watched.look()
    expect(watched.reports.map(({ deed }) => deed)).toEqual(['reported', 'would-terminate'])
    expect(watched.audit).toEqual([])
    expect(client.isClosed()).toBe(false)
    expect(watched.watchdog.status().count('dry', 'it')).toBe(1)
  })

  test('a role that may not signal, and an agent without an audit, touch nobody and say why', async () => {
    const client = await openRawClient(server, 'app')
    await client.run('begin; select 1')
    const weak = await watch(server, rule('idle-in-transaction'), { actor: 'watcher' })
    const refused = await weak.until('a failure', ({ deed }) => deed === 'failed')
    expect(refused.text).toMatch(/it takes: GRANT pg_signal_backend, pg_monitor TO the role for commands/)
    const blind = await watch(server, rule('idle-in-transaction'), { actor: 'follower' })
    const unseen = await blind.until('a failure', ({ deed }) => deed === 'failed')
    expect(unseen.text).toMatch(/the role may not see the session; it takes: GRANT/)
    const silent = await watch(server, rule('idle-in-transaction'), { withoutPort: true })
    const unaudited = await silent.until('a failure', ({ deed }) => deed === 'failed')
    expect(unaudited.text).toMatch(/it has no audit and signals nobody/)
    expect(client.isClosed()).toBe(false)
  })
})
