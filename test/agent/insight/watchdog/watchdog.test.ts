import { expect, test } from 'vitest'
import type { PolicyNow } from '../../../../agent/insight/watchdog/policy-file.ts'
import { createWatchdog } from '../../../../agent/insight/watchdog/watchdog.ts'
import type { ResultTable } from '../../../../agent/postgres/result-table.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { createLog } from '../../../../common/log.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { madePolicy } from './made-sessions.ts'

const inForce = `
dry_run: false
rules: [{ name: idle, case: idle-in-transaction, after: 1m, harm: none, action: terminate, grace: 0s, per_minute: 600 }]`

const table = (rows: ResultTable['rows']): ResultTable => ({ columns: [], rows, elapsedMs: 1, notices: [] })

/** As pg_stat_activity shows one that is idle in a transaction since an hour. */
const idle = (pid: number): readonly (string | null)[] => [
  ...[String(pid), '2026-11-27 08:00:00+00', 'shop', 'app', 'web', '10.1.2.3', 'client backend'],
  ...['idle in transaction', 'Client:ClientRead', 'false', 'false'],
  ...['2026-11-27 09:00:00+00', '2026-11-27 09:00:01+00', '2026-11-27 09:00:02+00'],
  ...['3600000', '3600000', '3600000', null, null, '', null, 'false', null],
]

/** A watchdog over a server with some sessions that are idle, and no connection for signals. */
function watching(pids: readonly number[], onAttempt: () => void) {
  const clock = createManualClock()
  let now: PolicyNow = { policy: madePolicy(inForce), problems: [] }
  let attempts = 0
  const deeds: string[] = []
  const query = ({ text }: { readonly text: string }) =>
    Promise.resolve(
      table(
        text.includes('server_version_num')
          ? [['180000']]
          : text.includes('pg_blocking_pids')
            ? pids.map(idle)
            : [],
      ),
    )
  const watchdog = createWatchdog(
    {
      ...{ server: 'pg-test-1', cluster: 'pg-test', directory: '', clock },
      lend: () => ({ query }),
      visit: () => Promise.reject(new Error('the watchdog visits no database')),
      databases: () => Promise.resolve([]),
      tell: (_, body) => void deeds.push((body as { deed: string }).deed),
      log: createLog({ level: 'silent', program: 'test' }),
    },
    {
      policy: () => now,
      port: () => ({
        open() {
          attempts++
          onAttempt()
          return Promise.reject(new PgherdError('POSTGRES_UNAVAILABLE', 'too many clients'))
        },
        record: () => Promise.resolve(true),
      }),
    },
  )
  return {
    deeds,
    attempts: () => attempts,
    say(text: string | undefined) {
      now = { policy: text === undefined ? undefined : madePolicy(text), problems: [] }
    },
    async look() {
      await clock.advance(5_000)
      await watchdog.look(new AbortController().signal)
    },
  }
}

test('a policy that becomes a trial while sessions are ended stops that at once, in the same look', async () => {
  const watched = watching([1, 2, 3], () => watched.say(inForce.replace('false', 'true')))
  await watched.look()
  await watched.look()
  expect(watched.attempts()).toBe(1)
  for (let looks = 0; looks < 20; looks++) await watched.look()
  expect(watched.attempts()).toBe(1)
  expect(watched.deeds.filter((deed) => deed === 'would-terminate')).toHaveLength(3)
})

test('a policy file that is taken away while sessions are ended stops that at once', async () => {
  const watched = watching([1, 2, 3], () => watched.say(undefined))
  for (let looks = 0; looks < 20; looks++) await watched.look()
  expect(watched.attempts()).toBe(1)
})

test('where the server has no connection for a signal, it is tried again after a minute', async () => {
  const watched = watching([1], () => undefined)
  await watched.look()
  await watched.look()
  for (let looks = 0; looks < 11; looks++) await watched.look()
  expect(watched.attempts()).toBe(1)
  await watched.look()
  expect(watched.attempts()).toBe(2)
})
