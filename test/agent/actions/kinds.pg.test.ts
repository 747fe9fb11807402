import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { kinds } from '../../../agent/actions/kinds.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { postgresMajors, startPostgres } from '../../../testbed/postgres.ts'
import type { ActionSession } from '../../../agent/postgres/action-session.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { contextOver, openForTest, rowsOf } from './action-context.ts'
import type { TestContext } from './action-context.ts'

let server: PostgresServer

function as(user: string): TestContext {
  return contextOver(openForTest(server.url('postgres', user)))
}

const of = (kind: string) => kinds.find((action) => action.kind === kind)!

async function planned(kind: string, args: object, context = as('operator')): Promise<string> {
  const action = of(kind)
  return (await action.plan(context, action.args.parse(args))).join('\n')
}

/** Runs and verifies, as a command does. */
async function done(kind: string, args: object, context = as('operator')) {
  const action = of(kind)
  const parsed = action.args.parse(args)
  const result = await action.run(context, parsed)
  return { ...result, verified: (await action.verify?.(context, parsed, result))?.join('\n') ?? '' }
}

interface Backend {
  readonly pid: number
  readonly backend_start: string
  readonly xact_start: string | null
}

async function backendOf(pid: number): Promise<Backend> {
  const rows = await server.query<Backend & Record<string, unknown>>(
    `set timezone = utc;
     select pid, backend_start::text, xact_start::text from pg_stat_activity where pid = ${pid}`,
  )
  return rows[0]!
}

/** A session that has begun what `text` says, and is looked at from outside. @returns the error that its statement ended with */
async function withSession(
  text: string,
  work: (backend: Backend) => Promise<void>,
  user = 'app',
): Promise<unknown> {
  const client = new pg.Client({ host: server.host, port: server.port, user, database: 'postgres' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const { pid } = rows[0]!
    const running = client.query(text).catch((error: unknown) => error)
    await waitFor('the session', async () => {
      const seen = await server.query(
        `select from pg_stat_activity
          where pid = $1 and query = $2 and (state <> 'active' or wait_event is not null)`,
        [pid, text],
      )
      return seen.length > 0
    })
    await work(await backendOf(pid))
    return await running
  } finally {
    await client.end()
  }
}

async function prepare(): Promise<void> {
  await server.query('create role operator login in role pg_monitor, pg_signal_backend')
  await server.query('create role watcher login in role pg_monitor')
  await server.query('create role app login')
  await server.query('create database shop owner app')
  await server.query('create table public.orders as select n from generate_series(1, 20000) n', [], 'shop')
  await server.query('create table public."Odd ""name""" (n int)', [], 'shop')
  await server.query('alter table public.orders owner to app', [], 'shop')
}

describe.each(postgresMajors)('on PostgreSQL %d', (major) => {
  beforeAll(async () => {
    server = await startPostgres({ major })
    await prepare()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('terminate-session ends the session that is named, and says so', async () => {
    await withSession('begin; select 1', async (backend) => {
      const plan = await planned('terminate-session', backend)
      expect(plan).toContain(`signals session ${backend.pid} (client backend, user app, database postgres`)
      expect(plan).toContain('state: idle in transaction')
      const { verified } = await done('terminate-session', backend)
      expect(verified).toBe(`session ${backend.pid} is gone`)
    })
  })

  test('cancel-session ends the statement and leaves the session', async () => {
    const ended = await withSession('select pg_sleep(30)', async (backend) => {
      await done('cancel-session', backend)
      expect(await backendOf(backend.pid)).toMatchObject({ backend_start: backend.backend_start })
    })
    expect(ended).toMatchObject({ code: '57014' })
  })

  test('vacuum and analyze are counted by the server, whatever the name', async () => {
    const superuser = as('postgres')
    for (const kind of ['vacuum', 'analyze']) {
      const args = { table: 'public."Odd ""name"""', database: 'shop' }
      expect(await planned(kind, args, superuser)).toContain('public."Odd ""name"""')
      const { message, verified } = await done(kind, args, superuser)
      expect(message).toMatch(/(Vacuumed|Analyzed) public\."Odd ""name""" in/)
      expect(verified).toContain('the server has counted')
    }
  })

  test('vacuum by a role that may not is told, although the server only warns', async () => {
    const args = { table: 'public.orders', database: 'shop' }
    expect(await planned('vacuum', args)).toContain('this role may not be allowed to')
    await expect(done('vacuum', args)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(/has skipped public.orders: it was not vacuumed \(.*skipping/) as string,
    })
  })

  test('checkpoint moves the point where recovery would begin, or says what the role lacks', async () => {
    const { verified } = await done('checkpoint', {}, as('postgres'))
    expect(verified).toMatch(/recovery would begin at/)
    const grant = major >= 15 ? 'GRANT pg_checkpoint' : 'a superuser'
    expect(await planned('checkpoint', {})).toContain(`this role may not; it takes: ${grant}`)
    await expect(done('checkpoint', {})).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining(grant) as string,
    })
  })

  test('reload plans what would change, changes it, and tells what did', async () => {
    const file = join(server.dataDirectory, 'postgresql.auto.conf')
    const before = readFileSync(file, 'utf8')
    onTestFinished(() => writeFileSync(file, before))
    appendFileSync(file, `work_mem = '5MB'\nmax_connections = 61\nlog_min_duration_statement = 1min\n`)
    const context = as('postgres')
    const plan = await planned('reload', {}, context)
    expect(plan).toMatch(/^work_mem: from 4096 x kB to 5MB \(.*postgresql.auto.conf:\d+\)$/m)
    expect(plan).toMatch(/^max_connections: from 60 to 61 \(.*\), only by a restart$/m)
    expect(plan).not.toContain('shared_buffers')
    const { message, output, verified } = await done('reload', {}, context)
    expect(message).toBe('PostgreSQL has read its files; 2 settings changed.')
    expect(rowsOf(output, 'Changed')).toContainEqual({ setting: 'work_mem', before: '4096', after: '5120' })
    expect(verified).toContain('waiting for a restart: max_connections')
  })
})

describe('on one server', () => {
  beforeAll(async () => {
    server = await startPostgres()
    await prepare()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  describe('a session is not signalled', () => {
    const refused = async (args: object, user: string, code: string, message: RegExp) => {
      const action = of('terminate-session')
      const parsed = action.args.parse(args)
      const says = { code, message: expect.stringMatching(message) as string }
      await expect(action.run(as(user), parsed)).rejects.toMatchObject(says)
    }
    const isThere = async ({ pid }: Backend) => {
      expect(await server.query('select from pg_stat_activity where pid = $1', [pid])).toHaveLength(1)
    }

    test('when its process id belongs to a newer session', async () => {
      await withSession('begin; select 1', async (backend) => {
        const older = { ...backend, backend_start: '2020-01-01 00:00:00+00' }
        await refused(older, 'operator', 'NOT_FOUND', /is gone, and its number belongs to .*user app/)
        await isThere(backend)
      })
    })

    test('when it is in a newer transaction', async () => {
      await withSession('begin; select 1', async (backend) => {
        const older = { ...backend, xact_start: '2020-01-01 00:00:00+00' }
        await refused(older, 'operator', 'NOT_FOUND', /has gone on: it is in a transaction since/)
        await refused({ ...backend, xact_start: null }, 'operator', 'NOT_FOUND', /was meant outside of one/)
        await isThere(backend)
        await done('terminate-session', { ...backend, xact_start: 'any' })
      })
    })

    test('when it goes on between the look at it and the signal', async () => {
      await withClient({ host: server.host, port: server.port, user: 'app' }, async (client) => {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
        await client.query('begin; select 1')
        const backend = await backendOf(rows[0]!.pid)
        const context = as('operator')
        const session = await context.session()
        const overtaken: ActionSession = {
          ...session,
          versionNumber: session.versionNumber,
          async change(statement, options) {
            await client.query('commit; begin; select 2')
            return session.change(statement, options)
          },
        }
        const racing = { ...context, session: () => Promise.resolve(overtaken) }
        const says = { code: 'NOT_FOUND', message: expect.stringContaining('has gone on') as string }
        await expect(done('terminate-session', backend, racing)).rejects.toMatchObject(says)
        await client.query('commit')
      })
    })

    test('when it has ended meanwhile', async () => {
      let gone: Backend | undefined
      await withSession('select 1', (backend) => {
        gone = { ...backend, xact_start: null }
        return Promise.resolve()
      })
      await waitFor('its end', async () => {
        const rows = await server.query('select from pg_stat_activity where pid = $1', [gone!.pid])
        return rows.length === 0
      })
      await refused(gone!, 'operator', 'NOT_FOUND', /no session has the process id \d+: it is gone/)
    })

    test('when it is our own', async () => {
      const context = as('operator')
      const session = await context.session()
      const { rows } = await session.read({ text: 'select pg_backend_pid()' }, 1_000)
      const backend = await backendOf(Number(rows[0]![0]))
      const says = { code: 'REFUSED', message: expect.stringContaining(`pgherd's own`) as string }
      await expect(
        of('terminate-session').run(context, { ...backend, xact_start: 'any' }),
      ).rejects.toMatchObject(says)
    })

    test('when it is a process of the server', async () => {
      const [row] = await server.query<{ pid: number }>(
        `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
      )
      const backend = await backendOf(row!.pid)
      await refused(backend, 'operator', 'REFUSED', /belongs to the server itself/)
    })

    test('of a superuser, by a role that is none: it is told what it takes', async () => {
      await withSession(
        'begin; select 1',
        async (backend) => {
          expect(await planned('terminate-session', backend)).toContain('it takes: a superuser')
          await refused(backend, 'operator', 'REFUSED', /PostgreSQL refuses: .*it takes: a superuser/)
          await isThere(backend)
        },
        'postgres',
      )
    })

    test('by a role that may only watch: it is told which grant it lacks', async () => {
      await withSession('begin; select 1', async (backend) => {
        await refused(backend, 'watcher', 'REFUSED', /GRANT pg_signal_backend/)
        await isThere(backend)
      })
    })

    test('by a role that cannot see when it began', async () => {
      await withSession(
        'begin; select 1',
        (backend) => refused(backend, 'app', 'REFUSED', /it takes: GRANT pg_monitor/),
        'watcher',
      )
    })
  })

  describe('files that are read again', () => {
    test('by a role that may not: it is told what it takes', async () => {
      expect(await planned('reload', {})).toContain('which settings would change cannot be told to this role')
      const says = { code: 'REFUSED', message: expect.stringContaining('GRANT EXECUTE') as string }
      await expect(done('reload', {})).rejects.toMatchObject(says)
    })

    test('with a line that cannot be read change nothing, and the line is told', async () => {
      const file = join(server.dataDirectory, 'postgresql.auto.conf')
      const before = readFileSync(file, 'utf8')
      onTestFinished(() => writeFileSync(file, before))
      appendFileSync(file, `work_mem = '5MB'\nthis = = is no setting\n`)
      expect(await planned('reload', {}, as('postgres'))).toMatch(/postgresql.auto.conf:\d+: .*syntax error/)
      const says = {
        code: 'BAD_DATA',
        message: expect.stringMatching(/postgresql.auto.conf:\d+: .*syntax error/) as string,
      }
      await expect(done('reload', {}, as('postgres'))).rejects.toMatchObject(says)
    })
  })

  test('the role of the manual may do everything', async () => {
    const [, sql = ''] = /```sql\n([\s\S]*?)```/.exec(readFileSync('docs/10-actions.md', 'utf8')) ?? []
    await server.query(sql)
    const context = as('pgherd_action')
    expect(await planned('reload', {}, context)).toContain('no setting would change')
    expect((await done('reload', {}, context)).message).toBe(
      'PostgreSQL has read its files; no setting changed.',
    )
    await done('checkpoint', {}, context)
    const orders = { table: 'public.orders', database: 'shop' }
    expect(await planned('vacuum', orders, context)).not.toContain('may not be allowed')
    await done('vacuum', { ...orders, analyze: true, freeze: true, truncate: true }, context)
    await done('analyze', orders, context)
    await withSession('select pg_sleep(30)', async (backend) => {
      await done('cancel-session', backend, context)
    })
  })

  describe('a table', () => {
    const orders = { table: 'public.orders', database: 'shop' }

    test('that somebody has locked is skipped, and nobody waits', async () => {
      await withClient({ host: server.host, port: server.port, database: 'shop' }, async (client) => {
        await client.query('begin; lock table public.orders in share update exclusive mode')
        await expect(done('vacuum', orders, as('postgres'))).rejects.toMatchObject({
          message: expect.stringContaining('has skipped public.orders') as string,
        })
      })
    })

    test.each([
      ['public.nowhere', 'NOT_FOUND', /there is no table public.nowhere/],
      ['public.orders; drop table public.orders', 'NOT_FOUND', /there is no table/],
      ['public."unclosed', 'NOT_FOUND', /there is no table/],
      ['pg_catalog.pg_stat_activity', 'BAD_REQUEST', /is no table/],
    ])('called %s is refused: %s', async (table, code, message) => {
      const says = { code, message: expect.stringMatching(message) as string }
      await expect(planned('vacuum', { table, database: 'shop' })).rejects.toMatchObject(says)
    })

    test('is vacuumed with the progress told, and a cancel ends it on the server', async () => {
      await server.query('create table public.big (n int, t text)', [], 'shop')
      await server.query(`alter table public.big set (autovacuum_enabled = off)`, [], 'shop')
      await server.query(
        `insert into public.big select n, repeat('x', 300) from generate_series(1, 60000) n`,
        [],
        'shop',
      )
      // Pages by the thousand with a pause after each few.
      await server.query(`alter role postgres set vacuum_cost_delay = '20ms'`)
      await server.query(`alter role postgres set vacuum_cost_limit = 50`)
      const abort = new AbortController()
      const context = contextOver(openForTest(server.url('postgres', 'postgres')), abort.signal)
      const running = done('vacuum', { table: 'public.big', database: 'shop' }, context)
      running.catch(() => undefined)
      await waitFor('progress', () => context.told.some(({ percent }) => percent !== null && percent > 0))
      expect(context.told.at(-1)).toMatchObject({ text: expect.stringContaining('scanning heap') as string })
      abort.abort()
      await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
      // The server may be at another table by itself.
      const ours = `select from pg_stat_progress_vacuum where relid = 'public.big'::regclass`
      expect(await server.query(ours, [], 'shop')).toEqual([])
    })
  })
})
