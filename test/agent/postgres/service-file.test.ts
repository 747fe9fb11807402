import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseTarget } from '../../../agent/postgres/target.ts'

function serviceFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-service-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'pg_service.conf')
  writeFileSync(file, text)
  return file
}

const file = (): string =>
  serviceFile(
    [
      '# servers',
      '[other]',
      'host=other',
      '',
      '[reporting]',
      'host = db9',
      'port=5433',
      'user=watcher',
      'dbname=reports',
      'password=x=y',
      'sslmode=require',
      'connect_timeout=5',
    ].join('\n'),
  )

test('a service fills in what the URL leaves out', () => {
  expect(parseTarget('postgres://?service=reporting', file())).toMatchObject({
    host: 'db9',
    port: 5433,
    user: 'watcher',
    database: 'reports',
    password: 'x=y',
    tls: { rejectUnauthorized: false },
  })
})

test('what the URL says wins', () => {
  expect(parseTarget('postgres://me@db1:6000/app?service=reporting&sslmode=disable', file())).toMatchObject({
    host: 'db1',
    port: 6000,
    user: 'me',
    database: 'app',
    tls: undefined,
  })
})

test.each([
  ['postgres://?service=absent', 'has no service absent; allowed: other, reporting'],
  ['postgres://?service=other', 'names no user'],
])('%s is refused: %s', (url, message) => {
  expect(() => parseTarget(url, file())).toThrow(message)
})

test('a file that is missing or no service file is refused', () => {
  expect(() => parseTarget('postgres://?service=a', '/no/such/file')).toThrow('cannot be read')
  expect(() => parseTarget('postgres://?service=a', serviceFile('host=db1'))).toThrow(
    ':1: was no [service] and no key=value line below one',
  )
  expect(() => parseTarget('postgres://?service=a', serviceFile('[a]\nport=99999\nuser=u'))).toThrow(
    'has the port 99999; allowed: 1 to 65535',
  )
})
