import { expect, it } from 'vitest'
import { createRetentionClock } from '../../../../collector/store/embedded/retention-clock.ts'
import { appendSamples, createManualClock, createTemporaryDirectory, everything } from './test-store.ts'
import { hour, metric, minute, openTestStore, windowStart } from './test-store.ts'

const day = 24 * hour

function createClocks(): {
  wall: number
  monotonic: number
  clock: Parameters<typeof createRetentionClock>[0]
} {
  const clocks = {
    wall: windowStart,
    monotonic: 5_000,
    clock: { now: () => clocks.wall, monotonic: () => clocks.monotonic, sleep: () => Promise.resolve() },
  }
  return clocks
}

it('time passes as both clocks have it', () => {
  const clocks = createClocks()
  const now = createRetentionClock(clocks.clock, hour, windowStart)
  clocks.wall += 10 * minute
  clocks.monotonic += 10 * minute
  expect(now()).toBe(windowStart + 10 * minute)
})

it('a leap of a year that is taken back within the hour has never happened', () => {
  const clocks = createClocks()
  const now = createRetentionClock(clocks.clock, hour, windowStart)
  clocks.wall += 365 * day
  for (let i = 1; i <= 59; i++) {
    clocks.wall += minute
    clocks.monotonic += minute
    expect(now()).toBe(windowStart + i * minute)
  }
  clocks.wall -= 365 * day
  expect(now()).toBe(windowStart + 59 * minute)
})

it('a leap that lasts for an hour is believed', () => {
  const clocks = createClocks()
  const now = createRetentionClock(clocks.clock, hour, windowStart)
  clocks.wall += 365 * day
  now()
  clocks.wall += hour
  clocks.monotonic += hour
  expect(now()).toBe(clocks.wall)
})

it('a second leap begins the hour anew', () => {
  const clocks = createClocks()
  const now = createRetentionClock(clocks.clock, hour, windowStart)
  clocks.wall += day
  now()
  clocks.wall += 365 * day
  clocks.monotonic += hour
  expect(now()).toBe(windowStart + hour)
})

it('a step back is believed at once', () => {
  const clocks = createClocks()
  const now = createRetentionClock(clocks.clock, hour, windowStart)
  clocks.wall -= 3 * day
  expect(now()).toBe(windowStart - 3 * day)
})

it('a start with a clock that is far ahead of all samples goes by the newest sample', () => {
  const clocks = createClocks()
  expect(createRetentionClock(clocks.clock, hour, windowStart - day)()).toBe(windowStart - day)
})

it('a clock that is a year ahead for a moment removes nothing and refuses no sample of today', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  const options = { clockPatienceMs: hour }
  {
    await using store = await openTestStore(directory.path, clock, options)
    await appendSamples(store, [[metric('kept'), windowStart, 1]])
    clock.nowMs += 3 * hour
    await store.maintain()
    clock.nowMs += 365 * day
    await store.maintain()
    await appendSamples(store, [[metric('today'), windowStart + 3 * hour, 1]])
  }
  await using store = await openTestStore(directory.path, clock, options)
  await store.maintain()
  expect(await store.select(everything, 0, clock.nowMs)).toHaveLength(2)
})

it('a window that got its samples while the clock was ahead is sealed when it is over', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart + 365 * day)
  await using store = await openTestStore(directory.path, clock, { retentionMs: 1000 * day })
  await appendSamples(store, [[metric('early'), windowStart, 1]])
  clock.nowMs = windowStart + 3 * hour
  await store.maintain()
  expect(store.stats()).toMatchObject({ blocks: 1, headSamples: 0 })
})
