import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../../../../collector/fleet/migrations.ts'
import { openWatchedQueries } from '../../../../../collector/insight/queries/regressions/watched-queries.ts'
import { watchRegressions } from '../../../../../collector/insight/queries/regressions/watch-regressions.ts'
import { silentLog } from '../../../../../common/log.ts'
import type { NewEvent } from '../../../../../common/wire/events.ts'
import { createManualClock } from '../../../../manual-clock.ts'
import { calls, never, noCalls, statementStore } from '../statement-store.ts'

const startMs = Date.parse('2026-11-20T00:00:00Z')
const minute = 60_000
const day = 86_400_000
const times = { everyMs: 10 * minute, windowMs: 30 * minute, referenceMs: 7 * day }

/** A server whose statement is called ten times a minute; `run` goes on for a while at the given time of a call. */
function world() {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  migrate(database, ':memory:')
  const clock = createManualClock(startMs)
  const told = statementStore()
  const events: NewEvent[] = []
  const open = () =>
    watchRegressions({
      store: told.store,
      texts: { textOf: () => 'select  *\nfrom t where id = $1', executed: () => undefined },
      watched: openWatchedQueries(database),
      times,
      clock,
      log: silentLog,
      add: (event) => events.push(event),
    })
  const counted = new Map<string, ReturnType<typeof calls>>()
  const run = async (
    forMs: number,
    seconds: number,
    { blocks = 10, each = minute, count = 10, servers = ['pg-main-1'] } = {},
  ): Promise<void> => {
    for (const until = clock.now() + forMs; clock.now() < until;) {
      await clock.advance(each)
      for (const server of servers) {
        const more = { sblk_hit: blocks * count * (each / minute) }
        const next = calls(
          counted.get(server) ?? noCalls,
          count * (each / minute),
          seconds,
          seconds / 4,
          more,
        )
        counted.set(server, next)
        told.tell({ server, query: '77' }, clock.now(), next)
      }
    }
  }
  return { events, run, open, clock, regressions: () => openWatchedQueries(database).regressions() }
}

/** A week, told each five minutes. */
const aWeek = { each: 5 * minute }

describe('a statement that has become slower', () => {
  test('is told once, with figures of before and after, and not again after a restart', async () => {
    const { events, run, open, regressions } = world()
    let watch = open()
    await run(8 * day, 0.01, aWeek)
    await watch.look(never)
    await run(30 * minute, 0.2)
    await watch.look(never)
    expect(events, 'one look may be chance').toEqual([])
    await run(10 * minute, 0.2)
    await watch.look(never)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ type: 'query-regressed', node: 'pg-main-1', cluster: 'pg-main' })
    expect(events[0]!.text).toMatch(
      /^statement 77 of app takes longer: p95 1[34]\.?\d* ms -> 2\d\d ms against its last week, by 300 calls in 30 min: select \* from t where id = \$1$/,
    )
    watch = open()
    for (let i = 0; i < 4; i++) {
      await run(10 * minute, 0.2)
      await watch.look(never)
    }
    expect(events).toHaveLength(1)
    expect(regressions()).toEqual([
      expect.objectContaining({ query: '77', what: 'p95', server: 'pg-main-1' }),
    ])
  })

  test('is over when it is as before, and told anew when it comes back', async () => {
    const { events, run, open, regressions } = world()
    const watch = open()
    await run(8 * day, 0.01, aWeek)
    const looks = async (count: number, seconds: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await run(30 * minute, seconds)
        await watch.look(never)
      }
    }
    await looks(3, 0.01)
    await looks(3, 0.2)
    expect(events).toHaveLength(1)
    await looks(3, 0.01)
    expect(regressions()).toEqual([])
    await looks(3, 0.2)
    expect(events).toHaveLength(2)
  })

  test('of several servers is one event', async () => {
    const { events, run, open, regressions } = world()
    const servers = ['pg-main-1', 'pg-main-2']
    const watch = open()
    await run(8 * day, 0.01, { ...aWeek, servers })
    for (let i = 0; i < 3; i++) {
      await run(30 * minute, 0.2, { servers })
      await watch.look(never)
    }
    expect(regressions().map(({ server }) => server)).toEqual(servers)
    expect(events).toHaveLength(1)
  })
})

test('a plan that touches many more blocks is told, although it takes no longer', async () => {
  const { events, run, open } = world()
  const watch = open()
  await run(8 * day, 0.01, aWeek)
  for (let i = 0; i < 3; i++) {
    await run(30 * minute, 0.01, { blocks: 4_000 })
    await watch.look(never)
  }
  expect(events.map(({ text }) => text)).toEqual([
    expect.stringContaining('touches more blocks: 10 -> 4000 per call against its last week'),
  ])
})

test('nothing is judged of what ran less than a day of its last week, or hardly runs now', async () => {
  const { events, run, open } = world()
  const watch = open()
  await run(day / 2, 0.01, aWeek)
  for (let i = 0; i < 3; i++) {
    await run(30 * minute, 0.2)
    await watch.look(never)
  }
  expect(events).toEqual([])
  const seldom = world()
  const other = seldom.open()
  await seldom.run(8 * day, 0.01, aWeek)
  for (let i = 0; i < 3; i++) {
    await seldom.run(30 * minute, 0.2, { count: 0.5 })
    await other.look(never)
  }
  expect(seldom.events).toEqual([])
})

test('after a week of being slow that is how it is: nothing is open any more', async () => {
  const { events, run, open, regressions } = world()
  const watch = open()
  await run(8 * day, 0.01, aWeek)
  for (let i = 0; i < 3; i++) {
    await run(30 * minute, 0.2)
    await watch.look(never)
  }
  expect(regressions()).toHaveLength(1)
  await run(8 * day, 0.2, aWeek)
  for (let i = 0; i < 4; i++) {
    await run(30 * minute, 0.2)
    await watch.look(never)
  }
  expect(regressions()).toEqual([])
  expect(events).toHaveLength(1)
})

test('one that is not executed for a day any more is over', async () => {
  const { events, run, open, clock, regressions } = world()
  const watch = open()
  await run(8 * day, 0.01, aWeek)
  for (let i = 0; i < 3; i++) {
    await run(30 * minute, 0.2)
    await watch.look(never)
  }
  expect(regressions()).toHaveLength(1)
  await clock.advance(day / 2)
  await watch.look(never)
  expect(regressions()).toHaveLength(1)
  await clock.advance(day)
  await watch.look(never)
  expect(regressions()).toEqual([])
  expect(events).toHaveLength(1)
})
