import { chmodSync, chownSync, copyFileSync, rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createSession } from '../../../agent/postgres/session.ts'
import type { Session } from '../../../agent/postgres/session.ts'
import { systemClock } from '../../../common/clock.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** Signed by itself, for localhost and 127.0.0.1. */
const certificate = fileURLToPath(new URL('tls/server.crt', import.meta.url))
const key = fileURLToPath(new URL('tls/server.key', import.meta.url))

let directory: string
let server: PostgresServer

beforeAll(async () => {
  // A key must belong to the server's user and be readable by nobody else.
  directory = mkdtempSync(join(tmpdir(), 'pgherd-tls-'))
  const owner = unprivilegedOwner()
  for (const [from, name] of [
    [certificate, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    copyFileSync(from, join(directory, name))
    chmodSync(join(directory, name), 0o600)
    if (owner !== undefined) chownSync(join(directory, name), owner.uid, owner.gid)
  }
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  server = await startPostgres({
    settings: {
      ssl: 'on',
      ssl_cert_file: join(directory, 'server.crt'),
      ssl_key_file: join(directory, 'server.key'),
    },
  })
  await server.query('create role pgherd login')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

function open(parameters: string): Session {
  const session = createSession({
    url: `${server.url('postgres', 'pgherd')}?${parameters}`,
    clock: systemClock,
  })
  onTestFinished(() => session[Symbol.asyncDispose]())
  return session
}

test.each([
  'sslmode=require',
  `sslmode=verify-ca&sslrootcert=${certificate}`,
  `sslmode=verify-full&sslrootcert=${certificate}`,
])('%s encrypts', async (parameters) => {
  const session = open(parameters)
  await session.connect(5_000)
  const { rows } = await session.query(
    { text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()' },
    1_000,
  )
  expect(rows).toEqual([['t']])
})

test('a cancel arrives over TLS as well', async () => {
  const session = open(`sslmode=verify-full&sslrootcert=${certificate}`)
  await session.connect(5_000)
  const sleeping = session.query({ text: 'select pg_sleep(30)' }, 60_000)
  sleeping.catch(() => undefined)
  await waitFor('the sleeper', async () => {
    const rows = await server.query(`select from pg_stat_activity where wait_event = 'PgSleep'`)
    return rows.length > 0
  })
  await session.cancel(2_000)
  await expect(sleeping).rejects.toMatchObject({ details: { sqlstate: '57014' } })
})

test('a certificate that nobody vouches for is refused', async () => {
  await expect(open('sslmode=verify-full').connect(5_000)).rejects.toMatchObject({
    code: 'POSTGRES_UNAVAILABLE',
    message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') as string,
  })
})

test('a backend that hangs is given up and ends itself, as without TLS', async () => {
  const session = open('sslmode=require')
  await session.connect(5_000)
  const { rows } = await session.query({ text: 'select pg_backend_pid()' }, 1_000)
  const pid = Number(rows[0]?.[0])
  process.kill(pid, 'SIGSTOP')
  try {
    await expect(session.query({ text: 'select 1' }, 50)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(session.isConnected).toBe(false)
    await session.connect(5_000)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await waitFor('the backend to end', async () => {
    const left = await server.query('select from pg_stat_activity where pid = $1', [pid])
    return left.length === 0
  })
  expect((await session.query({ text: 'select 1' }, 1_000)).rows).toEqual([['1']])
})
