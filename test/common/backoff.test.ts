import { expect, test } from 'vitest'
import { createBackoff, retryAfterMs } from '../../common/backoff.ts'

const delays = (random: number, count: number): readonly number[] => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: () => random })
  return Array.from({ length: count }, () => backoff.next())
}

test('delays double up to the maximum, between half and all of it', () => {
  expect(delays(1, 6)).toEqual([100, 200, 400, 800, 1000, 1000])
  expect(delays(0, 6)).toEqual([50, 100, 200, 400, 500, 500])
})

test('a success starts over', () => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: () => 1 })
  backoff.next()
  backoff.next()
  backoff.reset()
  expect(backoff.next()).toBe(100)
})

test('a longer wait that the server asks for is kept', () => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: () => 1 })
  expect(backoff.next(5000)).toBe(5000)
  expect(backoff.next(1)).toBe(200)
})

test('a server that asks for more than five minutes is asked again after five', () => {
  const backoff = createBackoff({ firstMs: 100, maxMs: 1000, random: () => 1 })
  expect(backoff.next(300_000)).toBe(300_000)
  expect(backoff.next(99_999_999_999_000)).toBe(300_000)
  expect(backoff.next(retryAfterMs('Fri, 31 Dec 9999 23:59:59 GMT', 0))).toBe(300_000)
})

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(retryAfterMs('12', now)).toBe(12_000)
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000)
  expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
  expect(retryAfterMs('soon', now)).toBeUndefined()
  expect(retryAfterMs(undefined, now)).toBeUndefined()
})
