import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkRecovered } from '../../../../agent/backup/drill/checks.ts'
import type { CheckOptions } from '../../../../agent/backup/drill/checks.ts'
import { systemClock } from '../../../../common/clock.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'

describe('what is looked at in a server that has recovered', () => {
  let postgres: PostgresServer

  beforeAll(async () => {
    postgres = await startPostgres({ major: 15 })
    await postgres.query('create table accounts as select g as id from generate_series(1, 1000) g')
    await postgres.query('analyze accounts')
    await postgres.query('create database closed allow_connections false')
  })
  afterAll(() => postgres[Symbol.asyncDispose]())

  const look = (policy: Partial<CheckOptions['policy']>, lines: readonly string[] = []) =>
    checkRecovered(
      {
        server: {
          pid: postgres.pid,
          socketDirectory: postgres.socketDirectory,
          port: postgres.port,
          ending: () => undefined,
          newLines: () => Promise.resolve(lines),
          stop: () => Promise.resolve({ isWhole: true }),
          [Symbol.asyncDispose]: () => Promise.resolve(),
        },
        programs: { major: 15, version: postgres.version, directory: '/usr/lib/postgresql/15/bin' },
        superuser: 'postgres',
        point: { lsn: '0/1', commitMs: null, timeline: 1, isPaused: false, stop: null },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      {
        policy: { amcheck: false, queries: [], ...policy },
        user: unprivilegedOwner() ?? null,
        nice: 5,
        timeoutMs: 20_000,
        clock: systemClock,
        signal: new AbortController().signal,
      },
    )
  const query = (what: string, sql: string, database = 'postgres') => ({ database, what, sql })

  test('each database that takes connections is counted', async () => {
    expect(await look({})).toMatchObject({ problems: [], databases: 2, tables: 1, rows: 1000, uncounted: 0 })
  })

  test('a query that is true is counted', async () => {
    const queries = [query('accounts', 'select count(*) = 1000 from public.accounts')]

    expect(await look({ queries })).toMatchObject({ problems: [], trueQueries: 1 })
  })

  test.each([
    ['is false', 'select max(id) = 1001 from public.accounts', 'it is false'],
    ['is null', 'select null::boolean', 'it is null'],
    ['answers a number', 'select 1', 'its first column is no boolean'],
    ['answers no row', 'select true where false', 'it answers 0 rows and not one'],
    ['divides by zero', 'select 1 / 0 = 1', 'division by zero'],
    ['wants to write', 'delete from public.accounts returning true', 'cannot execute DELETE'],
    ['names no schema', 'select true from accounts', 'names need their schema, as in public.accounts'],
  ])('a query that %s is a problem, and told', async (_, sql, told) => {
    const { problems } = await look({ queries: [query('mine', sql)] })

    expect(problems).toEqual([
      {
        problem: 'check-failed',
        text: expect.stringMatching(/^database postgres: mine: /) as string,
      },
    ])
    expect(problems[0]?.text).toContain(told)
  })

  test('a database that is gone is a problem of its query, and the next query is asked all the same', async () => {
    const queries = [query('sales', 'select true', 'sales'), query('accounts', 'select true')]

    expect(await look({ queries })).toMatchObject({
      problems: [
        { problem: 'check-failed', text: expect.stringContaining('"sales" does not exist') as string },
      ],
      trueQueries: 1,
    })
  })

  test('pages that the server could not read are a problem', async () => {
    const line =
      '2026-11-27 09:48:58.193 UTC [12626] WARNING:  page verification failed, calculated checksum 1 but expected 2'

    expect(await look({}, [line])).toMatchObject({
      problems: [{ problem: 'checksum', text: expect.stringContaining('1 pages failed') as string }],
    })
  })
})
