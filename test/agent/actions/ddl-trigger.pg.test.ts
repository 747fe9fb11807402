import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../../agent/actions/kinds.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { findPostgres, startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { openToldSchemas, watchSchemas } from '../insight/schema/told-schemas.ts'
import type { ToldSchemas, WatchedSchemas } from '../insight/schema/told-schemas.ts'
import { contextOver, openForTest } from './action-context.ts'

const majors: readonly PostgresMajor[] = [14, 18]

describe.each(majors)('the event trigger on PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined
  if (!installed) return
  let postgres: PostgresServer
  let told: ToldSchemas
  let watched: WatchedSchemas
  beforeAll(async () => {
    postgres = await startPostgres({ major })
    told = openToldSchemas()
    watched = await watchSchemas(postgres, told)
  })
  afterAll(async () => {
    await watched[Symbol.asyncDispose]()
    told[Symbol.dispose]()
    await postgres[Symbol.asyncDispose]()
  })

  const act = async (kind: string, args: object = {}) => {
    const action = kinds.find((one) => one.kind === kind)!
    const context = contextOver(openForTest(postgres.url('postgres', 'postgres')))
    const parsed = action.args.parse(args)
    const plan = await action.plan(context, parsed)
    const result = await action.run(context, parsed)
    return { plan, message: result.message, verified: await action.verify?.(context, parsed, result) }
  }
  const logged = async (): Promise<readonly string[]> => {
    const rows = await postgres.query<{ line: string }>(
      `select concat(command, ': ', identity, ': ', statement) as line from pgherd_ddl.log order by id`,
    )
    return rows.map(({ line }) => line)
  }
  const changeOf = (object: string, change: string) =>
    waitFor(`${object} ${change}`, () => told.changes({ object }).find((one) => one.change === change), {
      timeoutMs: 20_000,
      explain: () => told.lines().join('\n'),
    })

  test('its plan shows the SQL; it is installed once', async () => {
    const { plan, message, verified } = await act('ddl-trigger-install', { always: true })
    expect(plan.join('\n')).toMatch(/create event trigger pgherd_ddl_end[\s\S]*enable always/)
    expect(message).toContain('writes down')
    expect(verified).toEqual([
      'event triggers in its main database: pgherd_ddl_drop (always), pgherd_ddl_end (always)',
    ])
    await expect(act('ddl-trigger-install')).rejects.toMatchObject({ code: 'REFUSED' })
  })

  test('who changed something is known for certain, with what an own look cannot see', async () => {
    await withClient({ host: postgres.host, port: postgres.port }, async (client) => {
      await client.query(`set application_name = 'migrate 9'`)
      await client.query(`create table public.seen (a int default 7, b text default 'secret-default')`)
      await client.query(`set session_replication_role = replica; create table public.replayed (a int)`)
    })
    const change = await changeOf('public.seen', 'created')
    expect(change).toMatchObject({ actor: 'postgres', application: 'migrate 9', client: '127.0.0.1' })
    expect(change.seenBy).toContain('event trigger')
    expect((await changeOf('public.replayed', 'created')).seenBy).toContain('event trigger')
    await postgres.query('drop table public.seen')
    expect((await changeOf('public.seen', 'dropped')).seenBy).toContain('event trigger')
  })

  test('what leaves nothing behind is told as a command, once', async () => {
    await postgres.query('create table public.brief (a int)')
    await postgres.query('drop table public.brief')
    const commanded = () => told.changes().filter(({ change }) => change === 'commanded')
    await waitFor(
      'the brief table',
      async () => {
        await postgres.query('create schema if not exists nudge; drop schema nudge')
        return commanded().some(({ object }) => object === 'public.brief')
      },
      { timeoutMs: 20_000, intervalMs: 500 },
    )
    await watched.restart()
    await postgres.query('create table public.after (a int)')
    await changeOf('public.after', 'created')
    const creations = commanded().filter(
      ({ object, after }) => object === 'public.brief' && after['command'] === 'CREATE TABLE',
    )
    expect(creations).toHaveLength(1)
  })

  test('no literal, nothing temporary and nothing of an extension is written down', async () => {
    const before = (await logged()).length
    await postgres.query(`create temp table secretly (a int)`)
    await postgres.query('create extension pg_stat_statements')
    const lines = (await logged()).slice(before)
    expect(lines).toEqual(['CREATE EXTENSION: pg_stat_statements: create extension pg_stat_statements'])
    expect((await logged()).join()).not.toContain('secret-default')
  })

  test('a role without any right on it changes schemas as before, and cannot read or write its table', async () => {
    await postgres.query('create role maker login; create schema made authorization maker')
    await withClient({ host: postgres.host, port: postgres.port, user: 'maker' }, async (client) => {
      await client.query('create table made.own (a int)')
      await expect(client.query('select * from pgherd_ddl.log')).rejects.toThrow('permission denied')
    })
    expect((await logged()).some((line) => line.includes('made.own'))).toBe(true)
  })

  test('when it fails, the change does not', async () => {
    await postgres.query('alter table pgherd_ddl.log rename column statement to broken')
    await postgres.query('create table public.despite (a int)')
    await changeOf('public.despite', 'created')
    await postgres.query('alter table pgherd_ddl.log rename column broken to statement')
  })

  test('it is removed with all that it made', async () => {
    const { plan, message } = await act('ddl-trigger-remove')
    expect(plan.join('\n')).toContain('drop event trigger if exists pgherd_ddl_end')
    expect(message).toContain('is gone')
    const left = await postgres.query(
      `select evtname from pg_event_trigger union all select nspname from pg_namespace where nspname = 'pgherd_ddl'`,
    )
    expect(left).toEqual([])
  })
})
