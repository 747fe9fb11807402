import { describe, expect, test } from 'vitest'
import { judge } from '../../demo/verdict.ts'
import type { QueriedSeries } from '../../testbed/collector-api.ts'

const expected = { instances: ['demo-1', 'demo-2'], intervalMs: 1_000, fromMs: 0, untilMs: 3_500 }

function up(ins: string, ...samples: readonly (readonly [number, number])[]): QueriedSeries {
  return {
    metric: { __name__: 'up', ins },
    points: samples.map(([seconds, value]) => ({ timestampMs: seconds * 1000, value })),
  }
}

describe('the verdict of a timed demo', () => {
  test('two servers measured at every interval are fine', () => {
    const series = [up('demo-2', [1, 1], [2, 1], [3, 1]), up('demo-1', [1, 1], [2, 1], [3, 1])]
    expect(judge(series, expected)).toEqual({ measurements: 6, missing: 0, problems: [] })
  })

  test('a server without samples is a problem', () => {
    const verdict = judge([up('demo-1', [1, 1], [2, 1], [3, 1])], expected)
    expect(verdict.problems).toEqual(['demo-2 was measured 0 times'])
  })

  test('a gap is named with its times and counted', () => {
    const series = [up('demo-1', [1, 1], [3, 1]), up('demo-2', [1, 1], [2, 1], [3, 1])]
    expect(judge(series, expected)).toEqual({
      measurements: 5,
      missing: 1,
      problems: ['demo-1 has a gap from 00:00:01.000 to 00:00:03.000 (1 missing)'],
    })
  })

  test('a server that was measured as down is a problem', () => {
    const series = [up('demo-1', [1, 1], [2, 0], [3, 1]), up('demo-2', [1, 1], [2, 1], [3, 1])]
    expect(judge(series, expected).problems).toEqual([
      'demo-1 was down in 1 measurements, first at 00:00:02.000',
    ])
  })
})
