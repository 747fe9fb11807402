import { expect, test } from 'vitest'
import { failureOf } from '../../../agent/health/contact.ts'
import { PgherdError } from '../../../common/errors.ts'

const withState = (sqlstate: string, message = 'no'): PgherdError =>
  new PgherdError('POSTGRES_UNAVAILABLE', message, { details: { sqlstate } })
const withCode = (code: string): PgherdError =>
  new PgherdError('POSTGRES_UNAVAILABLE', 'no', { cause: Object.assign(new Error(code), { code }) })

test.each([
  ['nothing listens', withCode('ECONNREFUSED'), 'down'],
  ['its socket is gone', withCode('ENOENT'), 'down'],
  ['it shuts down', withState('57P03', 'the database system is shutting down'), 'down'],
  ['it ends its sessions', withState('57P01'), 'down'],
  ['it starts up', withState('57P03', 'the database system is starting up'), 'starting'],
  ['it recovers from a crash', withState('57P03', 'the database system is in recovery mode'), 'starting'],
  ['it has no connection left', withState('53300'), 'refusing'],
  ['the password is wrong', withState('28P01'), 'refusing'],
  ['pg_hba.conf has no line for us', withState('28000'), 'refusing'],
  ['there is no password for it', new PgherdError('POSTGRES_UNAVAILABLE', 'asks for a password'), 'refusing'],
  ['it does not answer', new PgherdError('TIMED_OUT', 'silent'), 'hung'],
  ['it cancels a look that takes seconds', withState('57014'), 'hung'],
  ['its queue of connections is full', withCode('EAGAIN'), 'hung'],
  ['there is no way to its host', withCode('EHOSTUNREACH'), 'unknown'],
])('when %s', (_, error, kind) => {
  expect(failureOf(error).kind).toBe(kind)
})
