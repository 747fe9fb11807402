import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { pgpassPassword } from '../../../agent/postgres/pgpass.ts'
import type { Target } from '../../../agent/postgres/target.ts'

const target: Target = {
  host: 'db1',
  port: 5432,
  user: 'pgherd',
  database: 'app',
  password: undefined,
  tls: undefined,
}

function passFile(text: string, mode = 0o600): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-pgpass-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'pgpass')
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

test.each([
  ['db1:5432:app:pgherd:secret', 'secret'],
  ['# db1:5432:app:pgherd:comment\n*:*:*:pgherd:any', 'any'],
  ['db2:5432:app:pgherd:other\ndb1:5432:*:pgherd:first\n*:*:*:*:second', 'first'],
  ['db1:5432:app:somebody:no', undefined],
  ['db1:5432:app:pgherd:a\\:b\\\\c', 'a:b\\c'],
  ['db1:5432:app:pgherd:with trailing colon:rest', 'with trailing colon'],
  ['db1:5432:app:pgherd:', ''],
  ['db1:5432:app', undefined],
  ['', undefined],
  ['db1:5432:app:pgherd:windows\r\n', 'windows'],
])('the first line that fits has the password: %j', async (text, password) => {
  expect(await pgpassPassword(passFile(text), target)).toBe(password)
})

test('a socket directory is localhost there', async () => {
  const file = passFile('localhost:5432:app:pgherd:socket')
  expect(await pgpassPassword(file, { ...target, host: '/var/run/postgresql' })).toBe('socket')
})

test('a file that others may read is ignored, as libpq does', async () => {
  expect(await pgpassPassword(passFile('*:*:*:*:leaked', 0o644), target)).toBeUndefined()
})

test('no file is no password', async () => {
  expect(await pgpassPassword('/no/such/pgpass', target)).toBeUndefined()
})
