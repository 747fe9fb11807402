import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tryLogin } from '../../../agent/secrets/try-login.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../testbed/postgres.ts'

const majors: readonly PostgresMajor[] = [14, 18]

describe.each(majors)('PostgreSQL %i', (major) => {
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres({ major, authentication: 'scram-sha-256' })
    await postgres.query(`create role dbuser_dba login password 'DBUser.DBA'`)
    await postgres.query(`create role replicator login password 'Own.Replication'`)
    await postgres.query(`create role dbuser_view nologin password 'DBUser.Viewer'`)
  })
  afterAll(() => postgres[Symbol.asyncDispose]())

  const login = (user: string, password: string) =>
    tryLogin({ host: '127.0.0.1', port: postgres.port, database: 'postgres', user, password }, 10_000)

  test('a login is judged by SCRAM', async () => {
    expect(await login('dbuser_dba', 'DBUser.DBA')).toBe('accepted')
    expect(await login('dbuser_dba', 'Other')).toBe('refused')
    expect(await login('replicator', 'DBUser.Replicator')).toBe('refused')
  })

  test('a user of pgBouncer is judged by a login through it', async () => {
    await using pooler = await startPgbouncer({ postgres })
    if (pooler === undefined) return
    const at = { host: '127.0.0.1', port: pooler.port, database: 'postgres' }
    expect(await tryLogin({ ...at, user: 'replicator', password: 'Own.Replication' }, 10_000)).toBe(
      'accepted',
    )
    expect(await tryLogin({ ...at, user: 'replicator', password: 'DBUser.Replicator' }, 10_000)).toBe(
      'refused',
    )
  })
})

test('a server that asks for no password has nothing to find', async () => {
  await using postgres = await startPostgres()
  await postgres.query('create role dbuser_dba login')
  const at = { host: '127.0.0.1', port: postgres.port, database: 'postgres', user: 'dbuser_dba' }
  expect(await tryLogin({ ...at, password: 'DBUser.DBA' }, 10_000)).toBe('not-asked')
})
