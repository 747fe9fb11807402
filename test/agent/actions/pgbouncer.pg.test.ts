import { appendFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Noted } from '../../../agent/actions/action.ts'
import { kinds } from '../../../agent/actions/kinds.ts'
import { runAction } from '../../../agent/actions/run-action.ts'
import type { ActionRun } from '../../../agent/actions/run-action.ts'
import { createTargets } from '../../../agent/actions/targets.ts'
import { openActionSession } from '../../../agent/postgres/action-session.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import { createSession } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { contextOver, openForTest, rowsOf } from './action-context.ts'
import type { TestContext } from './action-context.ts'
import { payloadAt } from './host.ts'

const of = (kind: string) => kinds.find((action) => action.kind === kind)!
const database = 'postgres'

describe.skipIf(findProgram('pgbouncer') === undefined)('a pgBouncer', () => {
  let server: PostgresServer
  let pooler: Pgbouncer

  beforeAll(async () => {
    server = await startPostgres()
    await server.query(`create role app login password 'secret'`)
    await server.query(`create role stats login password 'secret'`)
    pooler = (await startPgbouncer({ postgres: server, settings: { stats_users: 'stats' } }))!
  })
  afterAll(async () => {
    await pooler[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  /** As beside an agent that measures it: one of the two connections is taken. */
  async function beside(signal?: AbortSignal, url = pooler.adminUrl): Promise<TestContext> {
    const slots: ConnectionSlots = new Set()
    const measuring = createSession({ url, clock: systemClock, slots, console: true })
    onTestFinished(() => measuring[Symbol.asyncDispose]())
    await measuring.connect(2_000)
    return contextOver(openForTest(url, { console: true, slots }), signal)
  }

  async function done(kind: string, args: object, context: TestContext) {
    const action = of(kind)
    const parsed = action.args.parse(args)
    const result = await action.run(context, parsed)
    return { ...result, verified: (await action.verify?.(context, parsed, result))?.join('\n') ?? '' }
  }

  /** As the agent runs it, to its end. */
  function pausing(of: object, told: string[] = []): ActionRun {
    const action = kinds.find(({ kind }) => kind === 'pgbouncer-pause')!
    const payload = payloadAt(Date.now(), {
      kind: action.kind,
      server: 'pooler',
      system_identifier: null,
      deadline_ms: 60_000,
    })
    const slots: ConnectionSlots = new Set()
    const open = (timeoutMs: number) =>
      openActionSession({ url: pooler.adminUrl, clock: systemClock, slots, timeoutMs, console: true })
    const target = { server: 'pooler', kind: 'pgbouncer', open } as const
    const { agent } = contextOver(() => open(1_000))
    return runAction(action, action.args.parse({ database, ...of }), payload, {
      clock: systemClock,
      agent,
      targets: createTargets([target], systemClock, silentLog),
      telling: { progress: (_, text) => void told.push(text), write: () => undefined, end: () => undefined },
      mustUndo: () => Promise.resolve(),
    })
  }

  async function client(): Promise<pg.Client> {
    const one = new pg.Client(pooler.url(database, 'app', 'secret'))
    one.on('error', () => undefined)
    await one.connect()
    onTestFinished(() => one.end())
    await one.query('select 1')
    return one
  }

  async function isPaused(context: TestContext): Promise<boolean> {
    const { columns, rows } = await (await context.session()).read({ text: 'show databases' }, 2_000)
    const at = columns.findIndex(({ name }) => name === 'paused')
    return rows.find((row) => row[0] === database)?.[at] === '1'
  }

  test('has the clients of a database wait, and go on', async () => {
    const context = await beside()
    const one = await client()
    expect((await of('pgbouncer-pause').plan(context, { database, within_ms: 1_000 })).join('\n')).toContain(
      'postgres: 1 clients that do not wait, 0 waiting; 0 of 1 connections to the server in use',
    )
    const { verified } = await done('pgbouncer-pause', { database }, context)
    expect(verified).toContain('pgBouncer says that postgres is paused')
    const waiting = one.query('select 2 as answer')
    await waitFor('the client to wait', async () =>
      (await of('pgbouncer-resume').plan(context, { database })).join().includes('1 waiting'),
    )
    const resumed = await done('pgbouncer-resume', { database }, context)
    expect(resumed.message).toBe('postgres goes on; 1 clients were waiting.')
    expect((await waiting).rows).toEqual([{ answer: 2 }])
  })

  test('that cannot pause in time is resumed, and it is said how many were in the way', async () => {
    const context = await beside()
    const one = await client()
    await one.query('begin')
    const told: string[] = []
    const { ending } = pausing({ within_ms: 800 }, told)
    expect(await ending).toMatchObject({
      outcome: 'timed_out',
      message:
        'postgres could not be paused in time: 1 connections to the server were still in use; postgres was resumed',
    })
    expect(told).toContain('1 connections still in use, 0 clients waiting')
    expect(await isPaused(context)).toBe(false)
    await one.query('commit')
  })

  test('whose pause is cancelled is resumed', async () => {
    const context = await beside()
    const one = await client()
    await one.query('begin')
    const run = pausing({})
    await waitFor('the pause', async () => isPaused(context))
    run.stop('cancelled', 'somebody has thought again')
    expect(await run.ending).toMatchObject({
      outcome: 'cancelled',
      message: 'postgres was not paused: somebody has thought again; postgres was resumed',
    })
    expect(await isPaused(context)).toBe(false)
    await one.query('commit')
  })

  test('whose agent was killed is resumed once it is undone, but not a pause that somebody made since', async () => {
    const one = await client()
    await one.query('begin')
    const context = await beside()
    const noted: Noted[] = []
    const keep = (of: Noted) => Promise.resolve(void noted.push(of))
    await expect(
      done('pgbouncer-pause', { database, within_ms: 300 }, { ...(await beside()), mustUndo: keep }),
    ).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(await isPaused(context)).toBe(true)
    const undo = () => of('pgbouncer-pause').undo!(context, { database }, noted[0]!)
    expect(await undo()).toBe('postgres was resumed')
    expect(await undo()).toBe('postgres is not paused')
    await one.query('commit')
    // Far more than a pause lets through.
    const perSecond = Number(noted[0]!['perSecond'])
    for (let i = 0; i < 30 + 10 * perSecond; i++) await one.query('select 1')
    await done('pgbouncer-pause', { database }, context)
    expect(await undo()).toBe(
      'postgres is paused, but by somebody else (it was resumed in between); it was left so',
    )
    expect(await isPaused(context)).toBe(true)
    await done('pgbouncer-resume', { database }, context)
  })

  test('whose clients have just begun to work hard is resumed, though the disk was slow when that was noted', async () => {
    const context = await beside()
    const one = await client()
    await one.query('begin')
    const workers = await Promise.all(Array.from({ length: 4 }, client))
    let isOver = false
    const load = workers.map(async (worker) => {
      while (!isOver) await worker.query('select 1').catch(() => (isOver = true))
    })
    const noted: Noted[] = []
    const keep = async (of: Noted) => {
      noted.push(of)
      await systemClock.sleep(100)
    }
    await expect(
      done('pgbouncer-pause', { database, within_ms: 300 }, { ...(await beside()), mustUndo: keep }),
    ).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(await isPaused(context)).toBe(true)
    isOver = true
    const said = await of('pgbouncer-pause').undo!(context, { database }, noted[0]!)
    if (await isPaused(context)) await done('pgbouncer-resume', { database }, context)
    expect(said).toBe('postgres was resumed')
    await one.query('commit')
    await Promise.all(load)
  })

  test('drops everybody at once, and lets nobody in before it is resumed', async () => {
    const context = await beside()
    const one = await client()
    await one.query('begin')
    const { message, verified } = await done('pgbouncer-kill', { database }, context)
    expect(message).toMatch(/^1 clients and \d+ connections of postgres were dropped/)
    expect(verified).toContain('is paused')
    await expect(one.query('commit')).rejects.toThrow()
    await done('pgbouncer-resume', { database }, context)
    expect((await (await client()).query('select 3 as answer')).rows).toEqual([{ answer: 3 }])
  })

  test('resumes a database that it does not list, because nobody is connected to it any more', async () => {
    const context = await beside()
    await client()
    await done('pgbouncer-kill', { database }, context)
    const plan = () => of('pgbouncer-kill').plan(context, { database })
    await waitFor('it is on no list', () =>
      plan().then(
        () => false,
        () => true,
      ),
    )
    const { message } = await done('pgbouncer-resume', { database }, context)
    expect(message).toBe('postgres goes on; nobody was waiting.')
    expect((await (await client()).query('select 4 as answer')).rows).toEqual([{ answer: 4 }])
  })

  test('replaces its connections to the server', async () => {
    const context = await beside()
    const one = await client()
    const pid = async () => (await one.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid
    const before = await pid()
    await done('pgbouncer-reconnect', { database }, context)
    await waitFor('another backend', async () => (await pid()) !== before)
  })

  test('reads its files again, and it is told what changed', async () => {
    const context = await beside()
    appendFileSync(join(dirname(pooler.logFile), 'pgbouncer.ini'), '\nquery_wait_timeout = 77\n')
    const { output } = await done('pgbouncer-reload', {}, context)
    expect(rowsOf(output, 'Changed')).toEqual([{ setting: 'query_wait_timeout', before: '120', after: '77' }])
  })

  test('that has no such database says which it has', async () => {
    await client()
    const context = await beside()
    await expect(of('pgbouncer-kill').plan(context, { database: 'no"such' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/no database no"such at the moment; it has: .*postgres/) as string,
    })
  })

  test('refuses a user who may only look, and it is said what that takes', async () => {
    await client()
    const context = await beside(undefined, pooler.url('pgbouncer', 'stats', 'secret'))
    await expect(done('pgbouncer-kill', { database }, context)).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'pgBouncer refuses kill: the user is to be in its admin_users',
    })
  })
})
