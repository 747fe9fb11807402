import { expect, test } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import { watchServers } from '../../../collector/fleet/server-watch.ts'
import type { WatchedAlert } from '../../../collector/fleet/server-watch.ts'
import { labelSet } from '../../../common/series/label-set.ts'

interface Seen {
  readonly up?: number
  readonly recovery?: number
  readonly boot?: number
  readonly alerts?: readonly WatchedAlert[]
  readonly fails?: boolean
}

/** What is told of a server when one look after the other shows this. */
async function toldOf(...looks: readonly Seen[]): Promise<NewEvent[]> {
  const told: NewEvent[] = []
  const stop = new AbortController()
  let at = 0
  const labels = labelSet({ cls: 'pg-main', ins: 'pg-main-1' })
  const one = (value: number | undefined) => (value === undefined ? [] : [{ labels, value }])
  await watchServers(
    {
      clock: {
        ...systemClock,
        sleep() {
          if (++at === looks.length) stop.abort()
          return Promise.resolve()
        },
      },
      log: silentLog,
      vector(expression) {
        const seen = looks[at]!
        if (seen.fails === true) return Promise.reject(new Error('the store is away'))
        if (expression.includes('pg_up')) return Promise.resolve(one(seen.up))
        return Promise.resolve(one(expression.includes('recovery') ? seen.recovery : seen.boot))
      },
      alerts: () => looks[at]!.alerts ?? [],
      add: (event) => told.push(event),
    },
    stop.signal,
  )
  return told
}

const primary = { up: 1, recovery: 0, boot: 1000 }
const standby = { up: 1, recovery: 1, boot: 1000 }
const down = { up: 0 }
const texts = async (...looks: readonly Seen[]) =>
  (await toldOf(...looks)).map(({ type, text }) => `${type}: ${text}`)

test('what is seen first is no event', async () => {
  expect(await toldOf(primary, primary)).toEqual([])
})

test('a server that stops and comes back anew is down, started and up', async () => {
  expect(await texts(primary, down, down, { ...primary, boot: 2000 })).toEqual([
    'server-down: does not answer',
    'server-restarted: was started anew at 1970-01-01T00:33:20.000Z',
    'server-up: answers again',
  ])
})

test('a restart between two looks is noticed by the start of the postmaster', async () => {
  expect(await texts(primary, { ...primary, boot: 1001 }, { ...primary, boot: 1100 })).toEqual([
    'server-restarted: was started anew at 1970-01-01T00:18:20.000Z',
  ])
})

test('a promotion is noticed, also of a server that was down meanwhile', async () => {
  expect(await texts(standby, primary)).toEqual(['role-changed: is primary now, and was standby'])
  expect((await texts(standby, down, primary)).at(-1)).toBe('role-changed: is primary now, and was standby')
})

test('a server whose samples stay away tells nothing, and neither does one that comes back as it was', async () => {
  expect(await toldOf(primary, {}, {}, primary)).toEqual([])
})

test('a look that fails is passed over', async () => {
  expect(await texts(primary, { fails: true }, down)).toEqual(['server-down: does not answer'])
})

test('alerts are told when they begin to fire and when they end, not while they are pending', async () => {
  const alert = (state: string) => ({
    state,
    labels: { alertname: 'PostgresDown', severity: 'CRIT', ins: 'pg-main-1', cls: 'pg-main' },
    annotations: { summary: 'pg-main-1 is down' },
  })
  const told = await toldOf(
    {},
    { alerts: [alert('pending')] },
    { alerts: [alert('firing')] },
    { alerts: [alert('firing')] },
    {},
  )
  expect(told).toEqual([
    {
      type: 'alert-firing',
      node: 'pg-main-1',
      cluster: 'pg-main',
      text: 'PostgresDown (CRIT) is firing: pg-main-1 is down',
      command: null,
    },
    expect.objectContaining({
      type: 'alert-resolved',
      text: 'PostgresDown (CRIT) has ended: pg-main-1 is down',
    }),
  ])
})
