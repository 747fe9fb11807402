import { expect, test } from 'vitest'
import type { Behaviour } from '../../../../../collector/insight/queries/regressions/behaviour.ts'
import {
  isAsBefore,
  judgeBehaviour,
} from '../../../../../collector/insight/queries/regressions/judge-behaviour.ts'

const before: Behaviour = {
  calls: 10_000,
  meanSeconds: 0.01,
  p95Seconds: 0.02,
  blocksPerCall: 10,
  rowsPerCall: 1,
  busyWindows: 48,
}
const now = (more: Partial<Behaviour>): Behaviour => ({ ...before, ...more })

test('what varies as estimates vary is no news', () => {
  expect(judgeBehaviour(before, now({ p95Seconds: 0.035, meanSeconds: 0.015 }))).toBeUndefined()
})

test('twice the 95th percentile with a higher mean is', () => {
  expect(judgeBehaviour(before, now({ p95Seconds: 0.05, meanSeconds: 0.03 }))).toEqual({
    what: 'p95',
    before: 0.02,
    after: 0.05,
  })
})

test('one outlier, which lifts the estimate and hardly the mean, is none', () => {
  expect(judgeBehaviour(before, now({ p95Seconds: 0.05, meanSeconds: 0.011 }))).toBeUndefined()
})

test('a difference that nobody feels is none, however many times it is', () => {
  const quick = now({ p95Seconds: 0.0001, meanSeconds: 0.00005 })
  expect(judgeBehaviour(quick, now({ p95Seconds: 0.002, meanSeconds: 0.001 }))).toBeUndefined()
})

test('another plan shows in the blocks, although it is not slower yet', () => {
  expect(judgeBehaviour(before, now({ blocksPerCall: 5_000 }))).toMatchObject({
    what: 'blocks',
    after: 5_000,
  })
  expect(judgeBehaviour(before, now({ blocksPerCall: 40 }))).toBeUndefined()
})

test('many more rows of a call', () => {
  expect(judgeBehaviour(before, now({ rowsPerCall: 900 }))).toMatchObject({ what: 'rows', before: 1 })
})

test('what became worse is over when it is about as before, and not a little below the bound', () => {
  const growth = { what: 'p95', before: 0.02, after: 0.05 } as const
  expect(isAsBefore(growth, before, now({ p95Seconds: 0.038 }))).toBe(false)
  expect(isAsBefore(growth, before, now({ p95Seconds: 0.025 }))).toBe(true)
})
