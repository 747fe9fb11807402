import { expect, test } from 'vitest'
import { withPatience } from '../../../agent/health/patience.ts'
import type { Clock } from '../../../common/clock.ts'
import { late } from '../../../common/deadline.ts'

/** A clock on which sleeps take as long as they are told to, and a process that may stand still in one. */
function clockWithStalls(stalls: readonly number[]): Clock & { readonly sleeps: number } {
  let nowMs = 0
  let sleeps = 0
  return {
    get sleeps() {
      return sleeps
    },
    now: () => nowMs,
    monotonic: () => nowMs,
    async sleep(ms) {
      nowMs += ms + (stalls[sleeps++] ?? 0)
      await Promise.resolve()
    },
  }
}

const never = new Promise<string>(() => undefined)

test('silence for the deadline is late', async () => {
  const clock = clockWithStalls([])
  expect(await withPatience(never, 400, clock)).toBe(late)
  expect(clock.sleeps).toBe(1)
})

test('a deadline in which this process stood still begins anew', async () => {
  const clock = clockWithStalls([3_000])
  expect(await withPatience(never, 400, clock)).toBe(late)
  expect(clock.sleeps).toBe(2)
})

test('a process that stands still all the time does not wait for ever', async () => {
  const clock = clockWithStalls([500, 500, 500, 500, 500, 500, 500])
  expect(await withPatience(never, 400, clock)).toBe(late)
  expect(clock.sleeps).toBe(4)
})

test('an answer that came while this process stood still counts', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  // It is in the socket, and read after the timers.
  setImmediate(() => resolve('answer'))
  expect(await withPatience(promise, 400, clockWithStalls([3_000]))).toBe('answer')
})
