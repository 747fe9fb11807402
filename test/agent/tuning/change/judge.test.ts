import { describe, expect, test } from 'vitest'
import { guardLimits } from '../../../../agent/tuning/change/guard/guard-limits.ts'
import type { GuardBaseline, GuardSpan } from '../../../../agent/tuning/change/guard/guard-sample.ts'
import { judge } from '../../../../agent/tuning/change/guard/judge.ts'

/** Ten seconds of a server that does nothing bad. */
const quiet: GuardBaseline = {
  seconds: 10,
  looks: 2,
  counters: {
    ...{ transactions: 1_000, rollbacks: 0, errors: 0, requestedCheckpoints: 0, tempBytes: 0 },
    ...{ memoryWaitMs: 0, swapOutBytes: 0 },
  },
  gauges: { activeSessions: [4, 2], lagBytes: [0, 2], lagSeconds: [0, 2] },
  statements: { '5:1': [900, 1_800], '5:2': [100, 2_000] },
  worstLatencyMs: null,
}

function worseOf(since: Partial<GuardSpan>, before: GuardBaseline = quiet, bound = 0.2): readonly string[] {
  const readings = judge(before, { ...quiet, ...since }, bound)
  return readings
    .filter(({ isWorse }) => isWorse)
    .map(({ what, unit }) => (unit === '' ? what : `${what} (${unit})`))
}

const counters = (some: Partial<typeof quiet.counters>) => ({
  counters: { ...quiet.counters, ...some } as GuardSpan['counters'],
})
const gauges = (some: GuardSpan['gauges']) => ({ gauges: { ...quiet.gauges, ...some } })

test('a server that does the same is not worse', () => {
  expect(worseOf({})).toEqual([])
})

describe('latency of statements', () => {
  const latency = ['mean latency of 2 statements (ms)']
  const statements = (first: [number, number], second: [number, number]) => ({
    statements: { '5:1': first, '5:2': second },
  })

  test('is worse beyond the bound, and not just below it', () => {
    expect(worseOf(statements([900, 1_800 * 1.21], [100, 2_000 * 1.21]))).toEqual(latency)
    expect(worseOf(statements([900, 1_800 * 1.19], [100, 2_000 * 1.19]))).toEqual([])
  })

  test('is that of the statements of before, whatever the mix is since', () => {
    // Nine times as many of the slow one, each as long as before.
    expect(worseOf(statements([100, 200], [900, 18_000]))).toEqual([])
    const [reading] = judge(quiet, { ...quiet, ...statements([100, 200], [900, 18_000]) }, 0.2)
    expect(reading).toMatchObject({ before: 3.8, after: 3.8 })
  })

  test('does not count where it is a fraction of a millisecond of a few calls', () => {
    const before = { ...quiet, statements: { '5:1': [10, 1] as [number, number] } }
    expect(worseOf({ statements: { '5:1': [10, 2] } }, before)).toEqual([])
  })

  test('counts where it is as little of many calls', () => {
    const before = { ...quiet, statements: { '5:1': [10_000, 1_000] as [number, number] } }
    expect(worseOf({ statements: { '5:1': [10_000, 2_000] } }, before)).toEqual([
      'mean latency of 1 statement (ms)',
    ])
  })

  test('is not told from too few calls, nor of statements that are new', () => {
    const readings = judge(quiet, { ...quiet, statements: { '5:1': [2, 900], '5:9': [500, 90_000] } }, 0.2)
    expect(readings.map(({ what }) => what)).not.toContainEqual(expect.stringContaining('latency'))
  })

  test('may be as bad as it was in one of the looks of before', () => {
    const before = { ...quiet, worstLatencyMs: 8 }
    expect(worseOf(statements([900, 3_600], [100, 4_000]), before)).toEqual([])
    expect(worseOf(statements([900, 7_200], [100, 8_000]), before)).toEqual(latency.map((one) => one))
  })
})

describe('transactions', () => {
  const fewer = counters({ transactions: 790 })

  test('are worse when as many sessions as before get less done', () => {
    expect(worseOf(fewer)).toEqual(['transactions (per s)'])
    expect(worseOf(counters({ transactions: 810 }))).toEqual([])
  })

  test('are not where less is asked for', () => {
    expect(worseOf({ ...fewer, ...gauges({ activeSessions: [2, 2] }) })).toEqual([])
    expect(
      worseOf(
        { ...fewer, ...gauges({ activeSessions: [1, 2] }) },
        { ...quiet, ...gauges({ activeSessions: [1, 2] }) },
      ),
    ).toEqual([])
  })

  test('are not where there were hardly any', () => {
    expect(worseOf(counters({ transactions: 10 }), { ...quiet, ...counters({ transactions: 90 }) })).toEqual(
      [],
    )
  })
})

test.each([
  [
    'rollbacks are worse from 1 % and one per second on',
    counters({ rollbacks: 11 }),
    ['transactions rolled back (%)'],
  ],
  ['fewer rollbacks are not', counters({ rollbacks: 9 }), []],
  [
    'a rollback share that is large of little is not',
    { ...counters({ transactions: 20, rollbacks: 9 }), gauges: {} },
    [],
  ],
  ['five errors are worse', counters({ errors: 5 }), ['deadlocks and broken sessions (per s)']],
  ['four errors are not', counters({ errors: 4 }), []],
  [
    'three requested checkpoints are worse',
    counters({ requestedCheckpoints: 3 }),
    ['requested checkpoints (per hour)'],
  ],
  ['two are not', counters({ requestedCheckpoints: 2 }), []],
  [
    '81 MiB of temporary files in ten seconds are worse',
    counters({ tempBytes: 81 * 1024 ** 2 }),
    ['temporary files (bytes per s)'],
  ],
  ['79 MiB are not', counters({ tempBytes: 79 * 1024 ** 2 }), []],
  ['65 MiB of lag are worse', gauges({ lagBytes: [130 * 1024 ** 2, 2] }), ['lag of replication (bytes)']],
  ['11 seconds of lag are worse', gauges({ lagSeconds: [22, 2] }), ['lag of replication (s)']],
  ['9 seconds are not', gauges({ lagSeconds: [18, 2] }), []],
  [
    'eleven active sessions in place of two are worse',
    gauges({ activeSessions: [22, 2] }),
    ['active sessions'],
  ],
  ['nine are not', gauges({ activeSessions: [18, 2] }), []],
  [
    'waiting for memory more than a tenth of the time is worse',
    counters({ memoryWaitMs: 1_001 }),
    ['time in which a task waited for memory (%)'],
  ],
  [
    'swapping 81 MiB in ten seconds is worse',
    counters({ swapOutBytes: 81 * 1024 ** 2 }),
    ['written to swap (bytes per s)'],
  ],
])('%s', (_what, since, worse) => {
  expect(worseOf(since)).toEqual(worse)
})

test('what is usual in the hour before is no news', () => {
  const usual = { tempBytesPerSecond: 20 * 1024 ** 2, checkpointsPerHour: 2_000, transactionsPerSecond: 60 }
  const since = {
    ...quiet,
    ...counters({ tempBytes: 200 * 1024 ** 2, requestedCheckpoints: 4, transactions: 700 }),
  }
  expect(judge(quiet, since, 0.2, { usual }).filter(({ isWorse }) => isWorse)).toEqual([])
  expect(judge(quiet, since, 0.2).filter(({ isWorse }) => isWorse)).toHaveLength(3)
})

test('what a server does not tell is not judged', () => {
  const bare = { ...quiet, counters: {}, gauges: {}, statements: {} }
  expect(judge(bare, quiet, 0.2)).toEqual([])
  expect(judge({ ...quiet, looks: 0 }, quiet, 0.2)).toEqual([])
})

test('a window has more looks than a judgement, which has more than a warning in a row', () => {
  expect(guardLimits.fewestLooks).toBeGreaterThanOrEqual(guardLimits.recentLooks)
  expect(guardLimits.recentLooks).toBeGreaterThanOrEqual(guardLimits.worseInARow)
})
