import { expect, test, vi } from 'vitest'
import { adviceFor } from '../../agent/tune-advice.ts'
import type { ActionSession } from '../../agent/postgres/action-session.ts'
import { systemClock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { silentLog } from '../../common/log.ts'

const notAsked = () => Promise.reject(new Error('is not asked'))

/** A session of which only this is asked. */
const sessionThat = (read: ActionSession['read'], close: () => void = () => undefined): ActionSession => ({
  versionNumber: 180_000,
  systemIdentifier: '7',
  inRecovery: false,
  read,
  change: notAsked,
  database: notAsked,
  [Symbol.asyncDispose]() {
    close()
    return Promise.resolve()
  },
})

test('an advice that fails early ends the look at the pooler, which would take ten seconds', async () => {
  const closed = Promise.withResolvers<undefined>()
  const looked = Promise.withResolvers<undefined>()
  const warn = vi.fn()
  const pooler = sessionThat(
    ({ text }) => {
      if (text === 'show stats') looked.resolve(undefined)
      return Promise.resolve({ columns: [], rows: [], elapsedMs: 1, notices: [] })
    },
    () => closed.resolve(undefined),
  )
  const server = sessionThat(async () => {
    await looked.promise
    throw new PgherdError('POSTGRES_UNAVAILABLE', 'it has gone away')
  })
  const advice = adviceFor(
    {
      server: 'pg-main-1',
      session: server,
      withKeeper: notAsked,
      signal: new AbortController().signal,
      progress: () => undefined,
    },
    {
      profile: 'auto',
      windowHours: 24,
      connections: null,
      machine: { memoryBytes: null, processors: null, diskClass: null },
    },
    {
      clock: systemClock,
      log: { ...silentLog, warn, child: () => silentLog },
      history: () => Promise.resolve(undefined),
      changes: () => Promise.resolve([]),
      pooler: { server: 'bouncer', kind: 'pgbouncer', open: () => Promise.resolve(pooler) },
    },
  )
  await expect(advice).rejects.toThrow('it has gone away')
  await closed.promise
  expect(warn).not.toHaveBeenCalled()
})
