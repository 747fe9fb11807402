import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openConnection } from '../../../agent/postgres/connection.ts'
import { openInSlot } from '../../../agent/postgres/connection-slots.ts'
import type { ConnectionSlots } from '../../../agent/postgres/connection-slots.ts'
import { parseTarget } from '../../../agent/postgres/target.ts'
import { lookAtServer } from '../../../agent/secrets/look-at-postgres.ts'
import type { WatchedServer } from '../../../agent/secrets/look-at-postgres.ts'
import { systemClock } from '../../../common/clock.ts'
import { readKnownPasswords } from '../../../common/known-passwords/known-passwords.ts'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../testbed/postgres.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'

const known = readKnownPasswords()
const majors: readonly PostgresMajor[] = [14, 18]

/** A server of which the list's first roles have their sample password, one of them kept as md5. */
async function started(major: PostgresMajor): Promise<PostgresServer> {
  const postgres = await startPostgres({ major, authentication: 'scram-sha-256' })
  // `md5` asks each role for what its verifier is of; `scram-sha-256` refuses those kept as md5.
  await rule(postgres, 'host all all 127.0.0.1/32 md5')
  await postgres.query(`create role dbuser_dba login password 'DBUser.DBA'`)
  await postgres.query(`create role dbuser_monitor login password 'Own.Monitor'`)
  await postgres.query(`create role dbuser_view nologin password 'DBUser.Viewer'`)
  await postgres.query(
    `set password_encryption = 'md5'; create role dbuser_meta login password 'DBUser.Meta'`,
  )
  await postgres.query(`create role pgherd login password 'Own.Pgherd'`)
  await postgres.query('grant pg_monitor to pgherd')
  return postgres
}

async function rule(postgres: PostgresServer, lines: string): Promise<void> {
  writeOwned(join(postgres.dataDirectory, 'pg_hba.conf'), `local all postgres trust\n${lines}\n`)
  await postgres.query('select pg_reload_conf()')
}

async function measured(kind: WatchedServer['kind'], url: string): Promise<WatchedServer> {
  const slots: ConnectionSlots = new Set()
  const target = parseTarget(url)
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  await openInSlot(
    slots,
    () =>
      openConnection({
        ...{ target, searchPath: 'pg_catalog', timeoutMs: 10_000, clock: systemClock },
        ...{ password: () => Promise.resolve(target.password ?? ''), console: kind === 'pgbouncer' },
        signal: ending.signal,
      }),
    { where: 'test', isOfAction: false, waitMs: 0, clock: systemClock },
  )
  const { host, port, database } = target
  return { kind, host, port, database, slots }
}

const look = (server: WatchedServer, turn = 1) =>
  lookAtServer(server, known, { turn, signal: AbortSignal.timeout(60_000) })

const usersOf = (seen: Awaited<ReturnType<typeof look>>) => seen?.found.map(({ user }) => user).toSorted()

const failures = async (postgres: PostgresServer) =>
  (await readFile(postgres.logFile, 'utf8')).match(/password authentication failed/g)?.length ?? 0

describe.each(majors)('PostgreSQL %i', (major) => {
  test('a plain role tries logins, and leaves its slot and few lines in the log', async () => {
    await using postgres = await started(major)
    const server = await measured('postgres', postgres.url('postgres', 'pgherd', 'Own.Pgherd'))
    const seen = await look(server)
    expect(usersOf(seen)).toEqual(['dbuser_dba', 'dbuser_meta'])
    expect(seen?.open).toEqual([])
    expect(server.slots.size).toBe(1)
    // Each word of the list for the two roles that have their own.
    const wrong = known.filter(
      ({ service, user }) => service === 'postgres' && ['dbuser_monitor', 'postgres'].includes(user),
    )
    expect(await failures(postgres)).toBe(wrong.length)
  })

  test('a superuser compares verifiers and nobody logs in', async () => {
    await using postgres = await started(major)
    await postgres.query('alter role pgherd superuser')
    const server = await measured('postgres', postgres.url('postgres', 'pgherd', 'Own.Pgherd'))
    expect(usersOf(await look(server))).toEqual(['dbuser_dba', 'dbuser_meta'])
    expect(await failures(postgres)).toBe(0)
  })
})

test('six logins fail at most in one look, whatever roles there are', async () => {
  await using postgres = await started(18)
  const users = new Set(known.filter(({ service }) => service === 'postgres').map(({ user }) => user))
  for (const user of users) {
    await postgres.query(`drop role if exists "${user === 'postgres' ? 'nobody' : user}"`)
    await postgres.query(
      `${user === 'postgres' ? 'alter' : 'create'} role "${user}" login password 'Own.Word'`,
    )
  }
  const seen = await look(await measured('postgres', postgres.url('postgres', 'pgherd', 'Own.Pgherd')))
  expect(seen?.found).toEqual([])
  expect(seen?.open.length).toBeGreaterThan(0)
  expect(await failures(postgres)).toBe(6)
})

test('a role that pg_hba.conf turns away does not hide the next one', async () => {
  await using postgres = await started(18)
  await rule(postgres, 'host all dbuser_dba all reject\nhost all all 127.0.0.1/32 scram-sha-256')
  await postgres.query('alter role dbuser_monitor password $$DBUser.Monitor$$')
  const server = await measured('postgres', postgres.url('postgres', 'pgherd', 'Own.Pgherd'))
  const seen = await look(server)
  expect(seen?.found.map(({ user }) => user)).toContain('dbuser_monitor')
  expect(seen?.open).toContain('dbuser_dba')
})

test('without a free slot nothing is tried', async () => {
  await using postgres = await started(18)
  const server = await measured('postgres', postgres.url('postgres', 'pgherd', 'Own.Pgherd'))
  const closed = Promise.resolve()
  server.slots.add({ isOfAction: true, connection: undefined, isCut: false, closed })
  const seen = await look(server)
  expect(seen?.found).toEqual([])
  expect(seen?.open).toContain('dbuser_dba')
})

test('users that the console of a pgBouncer shows are tried through it', async () => {
  await using postgres = await started(18)
  await using pooler = await startPgbouncer({ postgres })
  if (pooler === undefined) return
  const seen = await look(await measured('pgbouncer', pooler.adminUrl))
  expect(usersOf(seen)).toContain('dbuser_dba')
  expect(await failures(postgres)).toBeLessThanOrEqual(6)
})
