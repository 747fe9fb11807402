import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import { lookAtServer } from '../../../agent/secrets/look-at-postgres.ts'
import { tryLogin } from '../../../agent/secrets/try-login.ts'
import { readKnownPasswords } from '../../../common/known-passwords/known-passwords.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../testbed/postgres.ts'
import { createMonitor, measureServer } from '../scrape/measured-server.ts'

const majors: readonly PostgresMajor[] = [14, 18]
const known = readKnownPasswords()
const { signal } = new AbortController()

describe.each(majors)('PostgreSQL %i', (major) => {
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres({ major, authentication: 'scram-sha-256' })
    await createMonitor(postgres)
    await postgres.query(`alter role pgherd password 'Own.Monitor'`)
    await postgres.query(`create role dbuser_dba login password 'DBUser.DBA'`)
    await postgres.query(`create role replicator login password 'Own.Replication'`)
    await postgres.query(`create role dbuser_view nologin password 'DBUser.Viewer'`)
    await postgres.query(
      `set password_encryption = 'md5'; create role dbuser_meta login password 'DBUser.Meta'`,
    )
  })
  afterAll(() => postgres[Symbol.asyncDispose]())

  const login = (user: string, password: string) =>
    tryLogin({ host: '127.0.0.1', port: postgres.port, database: 'postgres', user, password }, 10_000)

  test('a login is judged by SCRAM and by md5', async () => {
    expect(await login('dbuser_dba', 'DBUser.DBA')).toBe('accepted')
    expect(await login('dbuser_dba', 'Other')).toBe('refused')
    expect(await login('replicator', 'DBUser.Replicator')).toBe('refused')
  })

  test('of the roles that exist and may log in those with a default are found, by logins and by verifiers alike', async () => {
    const slots: ConnectionSlots = new Set()
    const agent = await measureServer(postgres, postgres.url('postgres', 'pgherd', 'Own.Monitor'), { slots })
    onTestFinished(() => agent[Symbol.asyncDispose]())
    const look = () =>
      lookAtServer(
        { kind: 'postgres', host: '127.0.0.1', port: postgres.port, database: 'postgres', slots },
        known,
        { turn: 0, signal },
      )
    const tried = await look()
    expect(tried?.found.map(({ user }) => user)).toContain('dbuser_dba')
    expect(tried?.found.map(({ user }) => user)).not.toContain('replicator')
    expect(tried?.found.map(({ user }) => user)).not.toContain('dbuser_view')
    expect(JSON.stringify(tried)).not.toContain('DBUser.DBA')
    expect([...slots].every(({ connection }) => connection !== undefined)).toBe(true)
    await postgres.query('grant select on pg_authid to pgherd')
    const failures = () =>
      readFileSync(postgres.logFile, 'utf8').split('password authentication failed').length
    const before = failures()
    const compared = await look()
    expect(compared?.found.map(({ user }) => user).sort()).toEqual(['dbuser_dba', 'dbuser_meta'])
    expect(failures()).toBe(before)
    await postgres.query(
      `revoke select on pg_authid from pgherd; alter role dbuser_dba password 'Changed.Now'`,
    )
    expect((await look())?.found.map(({ user }) => user)).not.toContain('dbuser_dba')
  })

  test('a user of pgBouncer is judged at its console', async () => {
    await using pooler = await startPgbouncer({ postgres })
    if (pooler === undefined) return
    await postgres.query('select 1')
    const at = { host: '127.0.0.1', port: pooler.port, database: 'pgbouncer', user: 'dbuser_meta' }
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
