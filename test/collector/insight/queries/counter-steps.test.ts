import { expect, test } from 'vitest'
import { counterSteps, wasSetBack } from '../../../../collector/insight/queries/counter-steps.ts'

/** Windows by their samples; the first is the one before the range. */
const windows = (...samples: readonly (readonly number[])[]) => ({
  last: Float64Array.from(samples, (one) => one.at(-1) ?? NaN),
  lowest: Float64Array.from(samples, (one) => (one.length === 0 ? NaN : Math.min(...one))),
  highest: Float64Array.from(samples, (one) => (one.length === 0 ? NaN : Math.max(...one))),
})
const grown = (...samples: readonly (readonly number[])[]) => [...counterSteps(windows(...samples))]

test('each window has what came since the last sample of the one before', () => {
  expect(grown([90, 100], [105, 110], [110, 110], [111, 140])).toEqual([10, 0, 30])
})

test('what was counted while nothing was told counts where the counter is seen again', () => {
  expect(grown([100], [], [], [130, 140])).toEqual([0, 0, 40])
})

test('a counter that appears within the range grows from its first value, whatever that is', () => {
  expect(grown([], [], [1_000_000, 1_000_007])).toEqual([0, 7])
  expect(grown([], [0, 12])).toEqual([12])
})

test('one that was set back counts on from zero, and what it had grown until then is not lost', () => {
  expect(grown([100], [120, 5, 9])).toEqual([29])
  expect(grown([100], [3, 8])).toEqual([8])
})

test('one that has grown beyond itself after it was set back is counted from zero, not from before', () => {
  expect(grown([100], [2, 250])).toEqual([250])
})

test('without any sample nothing has grown', () => {
  expect(grown([], [], [])).toEqual([0, 0])
})

test('calls are missing where a counter was set back, and not where it goes on or is not told for a while', () => {
  expect(wasSetBack(windows([100], [120, 5, 9]))).toBe(true)
  expect(wasSetBack(windows([100], [], [3, 800]))).toBe(true)
  expect(wasSetBack(windows([100], [100, 110], [], [110, 130]))).toBe(false)
  expect(wasSetBack(windows([], [0, 12], [12]))).toBe(false)
})
