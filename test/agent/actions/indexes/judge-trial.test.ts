import { describe, expect, test } from 'vitest'
import { countsAnew, judgeTrial } from '../../../../agent/actions/indexes/judge-trial.ts'
import type { TrialSample } from '../../../../agent/actions/indexes/ledger-record.ts'

const sample = (of: Partial<TrialSample>): TrialSample => ({
  ...{ atMs: 0, serverStartMs: 1, seqScans: 0, seqRows: 0, statements: {} },
  ...of,
})
const limits = { scans: 10, bound: 0.5 }

describe('sequential scans', () => {
  const judged = (before: Partial<TrialSample>, since: Partial<TrialSample>, now: Partial<TrialSample>) =>
    judgeTrial(
      { limits, before: sample(before), since: sample({ atMs: 10_000, ...since }) },
      sample(now),
      [],
    )[0]!

  test('that come as often as before are fine', () => {
    const since = { seqScans: 20, seqRows: 2e7 }
    expect(judged({}, since, { atMs: 20_000, seqScans: 41, seqRows: 4.1e7 }).isWorse).toBe(false)
    expect(judged({}, since, { atMs: 20_000, seqScans: 50, seqRows: 5e7 }).isWorse).toBe(true)
  })

  test('of a table with few rows are what the planner likes anyway', () => {
    expect(judged({}, {}, { atMs: 20_000, seqScans: 500, seqRows: 50_000 }).isWorse).toBe(false)
  })

  test('that were counted by an earlier server are not what was usual', () => {
    const found = judged(
      { serverStartMs: 0, seqScans: 0 },
      { seqScans: 900, seqRows: 9e8 },
      {
        ...{ atMs: 20_000, seqScans: 915, seqRows: 9.15e8 },
      },
    )
    expect(found).toMatchObject({ isWorse: true, before: '0 in that time' })
  })
})

describe('the time of a statement', () => {
  /** 100 calls of 2 ms before, which spread by 1 ms. */
  const since = sample({ atMs: 10_000, statements: { a: [100, 200, 500] } })
  const judged = (calls: number, meanMs: number, running: { key: string; ms: number }[] = []) =>
    judgeTrial(
      { limits, before: sample({}), since },
      sample({ atMs: 20_000, statements: { a: [100 + calls, 200 + calls * meanMs, 0] } }),
      running,
    ).slice(1)

  test.each([
    ['within the bound', 1_000, 2.9, false],
    ['beyond it', 1_000, 3.1, true],
    ['beyond it, in calls that are too few to say so', 4, 60, false],
    ['beyond it, within what it spreads anyway', 5, 3.2, false],
    ['beyond it, which has taken next to nothing in all', 20, 4, false],
  ])('%s: %d calls of %d ms', (_, calls, meanMs, isWorse) => {
    expect(judged(calls, meanMs)).toMatchObject([{ isWorse }])
  })

  test('is not judged while it is not run', () => {
    expect(judged(0, 0)).toEqual([])
  })

  test('that still runs, and for much longer than it ever took, is worse', () => {
    expect(judged(0, 0, [{ key: 'a', ms: 1_900 }])).toEqual([])
    expect(judged(0, 0, [{ key: 'a', ms: 2_100 }])).toMatchObject([
      { what: 'the statement a, which still runs', before: '2 ms', since: '2100 ms so far', isWorse: true },
    ])
    expect(judged(0, 0, [{ key: 'another', ms: 60_000 }])).toEqual([])
  })
})

test('a restart and a reset of the counters begin the count anew', () => {
  const since = sample({ seqScans: 100 })
  expect(countsAnew(since, sample({ seqScans: 100 }))).toBe(false)
  expect(countsAnew(since, sample({ seqScans: 3 }))).toBe(true)
  expect(countsAnew(since, sample({ seqScans: 200, serverStartMs: 2 }))).toBe(true)
})
