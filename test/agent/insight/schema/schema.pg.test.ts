import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPostgres, startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { openToldSchemas, watchSchemas } from './told-schemas.ts'
import type { ToldSchemas, WatchedSchemas } from './told-schemas.ts'

const majors: readonly PostgresMajor[] = [14, 18]

describe.each(majors)('PostgreSQL %i', async (major) => {
  const installed = (await findPostgres(major)) !== undefined
  if (!installed) return
  let postgres: PostgresServer
  let told: ToldSchemas
  let watched: WatchedSchemas
  beforeAll(async () => {
    postgres = await startPostgres({ major })
    await postgres.query('create schema app; create table app.customers (id int primary key, name text)')
    told = openToldSchemas()
    watched = await watchSchemas(postgres, told)
  })
  afterAll(async () => {
    await watched[Symbol.asyncDispose]()
    told[Symbol.dispose]()
    await postgres[Symbol.asyncDispose]()
  })

  const told1 = (line: string): Promise<boolean> =>
    waitFor(line, () => told.lines().includes(line), {
      timeoutMs: 20_000,
      explain: () => told.lines().join('\n'),
    })

  test('what there was at the first look is no change', () => {
    expect(told.lines()).toEqual([])
  })

  test('a table that is created is told with what came with it', async () => {
    await postgres.query(
      `create table app.orders (id bigint generated always as identity primary key, note text default 'x')`,
    )
    await told1('table app.orders created')
    await told1('index app.orders_pkey created')
    await told1('constraint orders_pkey on app.orders created')
    await told1('sequence app.orders_id_seq created')
  })
})
