import { describe, expect, test } from 'vitest'
import { parseTarget, problemOfTarget } from '../../../agent/postgres/target.ts'

describe('a connection URL', () => {
  test('names host, port, user and database', () => {
    expect(parseTarget('postgres://watcher:s%3Acret@db1:6543/app')).toEqual({
      host: 'db1',
      port: 6543,
      user: 'watcher',
      database: 'app',
      password: 's:cret',
      tls: undefined,
    })
  })

  test('has the defaults of PostgreSQL', () => {
    expect(parseTarget('postgresql://watcher@localhost')).toMatchObject({
      host: 'localhost',
      port: 5432,
      database: 'postgres',
      password: undefined,
    })
  })

  test('takes the directory of a socket as parameter, and an IPv6 address in brackets', () => {
    expect(parseTarget('postgres://w@localhost:5433/postgres?host=/run/postgresql')).toMatchObject({
      host: '/run/postgresql',
      port: 5433,
    })
    expect(parseTarget('postgres://w@[::1]/').host).toBe('::1')
  })

  test.each([
    ['disable', undefined],
    ['require', { rejectUnauthorized: false }],
    ['verify-full', { rejectUnauthorized: true }],
  ])('sslmode=%s', (mode, tls) => {
    expect(parseTarget(`postgres://w@h/?sslmode=${mode}`).tls).toEqual(tls)
  })

  test('sslmode=verify-ca checks the certificate and not the name in it', () => {
    const tls = parseTarget('postgres://w@h/?sslmode=verify-ca').tls
    expect(tls?.rejectUnauthorized).toBe(true)
    expect(tls?.checkServerIdentity?.('another', {} as never)).toBeUndefined()
  })

  test.each([
    ['nonsense', 'is not a URL'],
    ['mysql://w@h/', 'starts with mysql://; allowed: postgres:// or postgresql://'],
    ['postgres://h/', 'names no user; allowed: postgres://<user>@<host>/<database>'],
    [
      'postgres://w@h/?sslmode=prefer',
      'has sslmode=prefer; allowed: disable, require, verify-ca, verify-full',
    ],
    ['postgres://w@h/?sslrootcert=/ca.pem', 'has sslrootcert without TLS; allowed: sslmode=verify-full'],
    [
      'postgres://w@h/?sslmode=verify-full&sslrootcert=/no/such.pem',
      'has sslrootcert=/no/such.pem, which cannot be read',
    ],
    // Each of these would take a guard rail off.
    ['postgres://w@h/?options=-c%20statement_timeout=0', 'has the parameter options'],
    ['postgres://w@h/?statement_timeout=0', 'has the parameter statement_timeout'],
    ['postgres://w@h/?application_name=x', 'has the parameter application_name'],
  ])('%s is refused', (url, why) => {
    expect(() => parseTarget(url)).toThrow(why)
  })

  test.each([
    ['postgres://us%er@h/db', 'user'],
    ['postgres://u:se%cret@h/db', 'password'],
    ['postgres://u@h/%ff', 'database'],
  ])('with a stray percent sign is an error that says where: %s', (url, where) => {
    expect(problemOfTarget(url)).toMatch(`has a % in its ${where}`)
    expect(problemOfTarget(url)).not.toContain('cret')
  })

  test('is not repeated in an error, because of its password', () => {
    expect(() => parseTarget('postgres://w:hunter2@h/?nope=1')).toThrow(/^(?!.*hunter2)/)
  })
})
