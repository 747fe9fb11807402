import { appendFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { kinds } from '../../../agent/actions/kinds.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import { createSession } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { contextOver, openForTest, rowsOf } from './action-context.ts'
import type { TestContext } from './action-context.ts'

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
    const pausing = done('pgbouncer-pause', { database, within_ms: 800 }, context)
    await expect(pausing).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message:
        'postgres could not be paused in time: 1 connections to the server were still in use; it was resumed',
    })
    expect(context.told).toContainEqual({
      percent: null,
      text: '1 connections still in use, 0 clients waiting',
    })
    expect(await isPaused(context)).toBe(false)
    await one.query('commit')
  })

  test('whose pause is cancelled is resumed', async () => {
    const abort = new AbortController()
    const context = await beside(abort.signal)
    const one = await client()
    await one.query('begin')
    const pausing = done('pgbouncer-pause', { database }, context)
    pausing.catch(() => undefined)
    await waitFor('the pause', async () => isPaused(context))
    abort.abort(new PgherdError('CANCELLED', 'somebody has thought again'))
    await expect(pausing).rejects.toMatchObject({
      code: 'CANCELLED',
      message: 'postgres was not paused, and it was resumed: somebody has thought again',
    })
    expect(await isPaused(context)).toBe(false)
    await one.query('commit')
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
