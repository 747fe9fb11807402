import { expect, test } from 'vitest'
import { actionPasswordFile } from '../../../agent/postgres/action-password-file.ts'

const measuring = { url: 'postgres://pgherd@127.0.0.1/postgres', passwordFile: '/measuring' }

test.each([
  ['without a way of its own is that of measuring', undefined, undefined, '/measuring'],
  ['of the same user is that of measuring', undefined, 'postgres://pgherd@127.0.0.1/app', '/measuring'],
  ['of another user is not that of measuring', undefined, 'postgres://dba@127.0.0.1/postgres', undefined],
  ['is its own where it has one', '/own', 'postgres://dba@127.0.0.1/postgres', '/own'],
  ['is its own for the same way, too', '/own', undefined, '/own'],
])('the password file for commands %s', (_what, own, url, file) => {
  expect(actionPasswordFile(own, url, measuring)).toBe(file)
})
