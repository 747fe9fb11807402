import { expect, test } from 'vitest'
import { createBoundedCounters } from '../../../../agent/insight/waits/bounded-counters.ts'

/** Two labels, of which the second is kept where there is no series of its own. */
function counters(limit = 3, maxCommon = 3) {
  let nowMs = 0
  const all = createBoundedCounters({
    limit,
    common: ([, second = '']) => ['other', second],
    last: ['other', 'other'],
    maxCommon,
    nowMs: () => nowMs,
  })
  const told = (): Readonly<Record<string, number>> =>
    Object.fromEntries(all.rows().map(({ labels, values }) => [labels.join('/'), values[0]!]))
  return {
    add: (labels: readonly string[], amount: number): void => all.add(labels, amount),
    told,
    pass: (seconds: number): void => void (nowMs += seconds * 1000),
    changes: () => all.changes,
  }
}

test('a series begins with 0 and tells all that was added at the next time', () => {
  const { add, told } = counters()
  add(['a', 'x'], 2)
  add(['a', 'x'], 1)
  expect(told()).toEqual({ 'a/x': 0 })
  expect(told()).toEqual({ 'a/x': 3 })
  add(['a', 'x'], 0.5)
  expect(told()).toEqual({ 'a/x': 3.5 })
})

test('what was seen once has no series of its own, and one as soon as it is more', () => {
  const { add, told } = counters()
  add(['a', 'x'], 1)
  told()
  expect(told()).toEqual({ 'other/x': 1 })
  add(['a', 'x'], 1.5)
  told()
  expect(told()).toEqual({ 'other/x': 1, 'a/x': 1.5 })
})

test('there are never more series than the limit, and their increases sum up to all that was added', () => {
  const { add, told, pass } = counters(5, 4)
  let sum = 0
  let increase = 0
  let before: Readonly<Record<string, number>> = {}
  const scrape = (): Readonly<Record<string, number>> => {
    const now = told()
    for (const [key, value] of Object.entries(now)) {
      const known = before[key]
      // As PromQL's increase() does: of a series that begins it does not count the first value.
      if (known !== undefined) increase += value < known ? value : value - known
    }
    before = now
    return now
  }
  for (let round = 0; round < 400; round++) {
    for (let i = 0; i < 20; i++) {
      const amount = ((round * 7 + i * 13) % 11) / 2
      add([`q${(round + i) % 37}`, `e${i % 7}`], amount)
      sum += amount
    }
    pass(10)
    expect(Object.keys(scrape()).length).toBeLessThanOrEqual(5 + 4)
  }
  scrape()
  scrape()
  expect(increase).toBeCloseTo(sum, 6)
})

test('one that does much more takes the place of one that does little, after that had its time', () => {
  const { add, told, pass } = counters(2)
  add(['a', 'x'], 10)
  add(['b', 'x'], 100)
  told()
  const more = (): readonly string[] => {
    add(['c', 'x'], 10)
    add(['b', 'x'], 10)
    pass(10)
    return Object.keys(told())
  }
  expect(more()).toContain('a/x')
  for (let i = 0; i < 61; i++) more()
  expect(Object.keys(told()).sort()).toEqual(['b/x', 'c/x', 'other/x'])
})

test('without anything for an hour a series ends, and begins with 0 again', () => {
  const { add, told, pass } = counters()
  add(['a', 'x'], 10)
  told()
  pass(3_700)
  expect(told()).toEqual({})
  add(['a', 'x'], 4)
  expect(told()).toEqual({ 'a/x': 0 })
  expect(told()).toEqual({ 'a/x': 4 })
})

test('whether something has changed is known without looking', () => {
  const { add, told, changes } = counters()
  add(['a', 'x'], 3)
  told()
  const began = changes()
  told()
  expect(changes()).toBe(began)
  told()
  expect(changes()).toBe(began)
  add(['a', 'x'], 1)
  expect(changes()).toBeGreaterThan(began)
})
