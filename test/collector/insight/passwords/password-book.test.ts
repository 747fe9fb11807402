import { expect, test } from 'vitest'
import { createPasswordBook } from '../../../../collector/insight/passwords/password-book.ts'
import type { InsightReport } from '../../../../common/insight/insight-report.ts'
import type { NewEvent } from '../../../../common/wire/events.ts'

const one = {
  ...{ service: 'postgres', address: '127.0.0.1:5432', user: 'dbuser_dba' },
  ...{ set: 'samples of Pigsty', setting: 'pg_admin_password and ALTER ROLE' },
}
const report = (body: unknown): InsightReport => ({
  ...{ id: 'a', server: 'pg-main-1', cluster: 'pg-main', topic: 'default-passwords', atMs: 1, body },
})

test('what is found and what is mended are events, with the setting to change', () => {
  const events: NewEvent[] = []
  const book = createPasswordBook((event) => events.push(event))
  book.take(report({ found: [one], gone: [] }), 'pg-main-1')
  book.take(report({ found: [], gone: [one] }), 'pg-main-1')
  expect(events).toEqual(
    [
      'the password of dbuser_dba at postgres 127.0.0.1:5432 is one of the samples of Pigsty, which everybody may know: change pg_admin_password and ALTER ROLE',
      'the password of dbuser_dba at postgres 127.0.0.1:5432 is no longer one of the samples of Pigsty',
    ].map((text) => ({
      type: 'default-password',
      node: 'pg-main-1',
      cluster: 'pg-main',
      text,
      command: null,
    })),
  )
})

test('a report with a key that nobody knows, such as a password, is refused', () => {
  const book = createPasswordBook(() => undefined)
  expect(() => book.take(report({ found: [{ ...one, password: 'x' }], gone: [] }), 'n')).toThrow(
    /default-passwords/,
  )
})
