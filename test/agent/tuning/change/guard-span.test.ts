import { expect, test } from 'vitest'
import type { GuardSample } from '../../../../agent/tuning/change/guard/guard-sample.ts'
import {
  addSpans,
  busiest,
  spanBetween,
  withStatements,
} from '../../../../agent/tuning/change/guard/guard-span.ts'
import {
  beginWatch,
  hasCrashed,
  lastOf,
  recentOf,
  withLook,
} from '../../../../agent/tuning/change/guard/watch-memory.ts'

const first: GuardSample = {
  ...{ atMs: 1_000, serverStartMs: 1, workStartMs: 2, inRecovery: false },
  counters: { transactions: 100, errors: 7 },
  gauges: { activeSessions: 3 },
  statements: { a: [10, 100], b: [5, 50] },
}
const second: GuardSample = {
  ...{ atMs: 11_000, serverStartMs: 1, workStartMs: 2, inRecovery: false },
  counters: { transactions: 150, errors: 9 },
  gauges: { activeSessions: 5 },
  statements: { a: [30, 500], b: [2, 9], c: [4, 4] },
}

test('a stretch is what grew; a statement that fell is left out', () => {
  expect(spanBetween(first, second)).toEqual({
    ...{ seconds: 10, looks: 1 },
    counters: { transactions: 50, errors: 2 },
    gauges: { activeSessions: [5, 1] },
    statements: { a: [20, 400] },
  })
})

test('nothing is known of a stretch with a restart, or with a clock that was set back', () => {
  expect(spanBetween(first, { ...second, serverStartMs: 9 }).looks).toBe(0)
  expect(spanBetween(second, first).looks).toBe(0)
})

test('nor of one in which a counter fell, which may be a dropped database', () => {
  const fallen = { ...second, counters: { transactions: 150, errors: 6 } }
  expect(spanBetween(first, fallen).looks).toBe(0)
})

test('stretches add up, and what one of them lacks is left out', () => {
  const one = spanBetween(first, second)
  const other = {
    ...one,
    counters: { transactions: 1 },
    gauges: { activeSessions: [2, 1] as [number, number] },
  }
  expect(addSpans(one, other)).toEqual({
    ...{ seconds: 20, looks: 2 },
    counters: { transactions: 51 },
    gauges: { activeSessions: [7, 2] },
    statements: { a: [40, 800] },
  })
})

test('those that take most of the time are kept', () => {
  const span = spanBetween(first, second)
  expect(busiest(span, 1)).toEqual(['a'])
  expect(withStatements(span, ['a', 'gone']).statements).toEqual({ a: [20, 400] })
})

test('a watch keeps its last looks and the sum of all, however long it is', () => {
  let memory = beginWatch({ ...first, atMs: 0 }, 0)
  for (let n = 1; n <= 50; n++) {
    memory = withLook(memory, { ...first, atMs: n * 1_000, counters: { transactions: 100 + n } }, n)
  }
  expect(memory.total).toMatchObject({ seconds: 50, looks: 50, counters: { transactions: 50 } })
  expect(memory.recent).toHaveLength(3)
  expect(recentOf(memory).seconds).toBe(3)
  expect(lastOf(memory).seconds).toBe(1)
})

test('other processes under the same postmaster were a crash, and a restart was none', () => {
  expect(hasCrashed(first, { ...second, workStartMs: 3 })).toBe(true)
  expect(hasCrashed(first, { ...second, serverStartMs: 9, workStartMs: 9 })).toBe(false)
  expect(hasCrashed(first, { ...second, workStartMs: null })).toBe(false)
})
