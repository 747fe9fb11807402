import fc from 'fast-check'
import { expect, test } from 'vitest'
import { queryRange, rateIntervalSeconds } from '../../../../collector/web/query/resolution.ts'
import { ranges } from '../../../../collector/web/query/time-window.ts'

const nowMs = 1_795_469_453_123

test.each([
  ['5m', 400, 10],
  ['15m', 400, 10],
  ['1h', 400, 20],
  ['6h', 400, 120],
  ['24h', 400, 600],
  ['24h', 1600, 120],
])('%s over %d pixels has a step of %d s', (name, width, step) => {
  expect(queryRange({ kind: 'last', ms: ranges.get(name)! }, nowMs, width).step).toBe(step)
})

test('both ends lie on the grid of the step and within the window', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4_000_000_000 }),
      fc.integer({ min: 60, max: 90 * 86_400 }),
      fc.integer({ min: 1, max: 4000 }),
      (from, seconds, width) => {
        const window = { kind: 'between', fromMs: from * 1000, toMs: (from + seconds) * 1000 } as const
        const { start, end, step } = queryRange(window, nowMs, width)
        expect([start % step, end % step]).toEqual([0, 0])
        expect(start).toBeGreaterThanOrEqual(from)
        expect(end).toBeGreaterThanOrEqual(start)
        expect(end).toBeLessThanOrEqual(Math.max(start, from + seconds))
        expect((end - start) / step).toBeLessThanOrEqual(Math.max(30, width / 2))
      },
    ),
  )
})

test('a refresh within one step asks for the same instants', () => {
  const window = { kind: 'last', ms: 3_600_000 } as const
  expect(queryRange(window, 1_795_469_462_000, 400)).toEqual(queryRange(window, 1_795_469_478_000, 400))
})

test('a rate looks over four scrapes and over every step', () => {
  expect(rateIntervalSeconds(10)).toBe(40)
  expect(rateIntervalSeconds(600)).toBe(610)
})
