import { expect, test } from 'vitest'
import { createCardinality } from '../../../../collector/store/victoriametrics/cardinality.ts'
import { createManualClock } from '../../../manual-clock.ts'

const nowMs = Date.parse('2026-03-04T12:00:00Z')

test.each([
  ['the day in which the range ends', Date.parse('2026-03-01T23:59:59Z'), '2026-03-01'],
  ['today for a range that has not ended', nowMs + 1, null],
  ['today for a range without an end', Infinity, null],
  ['the first day for times before it', -Infinity, '1970-01-01'],
])('series are counted of %s', async (_, toMs, day) => {
  let asked = ''
  const counted = createCardinality({
    select: {
      send({ path }) {
        asked = path
        const body = Buffer.from('{"data":{"totalSeries":3,"totalLabelValuePairs":6}}')
        return Promise.resolve({ status: 200, headers: {}, body })
      },
    },
    path: '/api/v1',
    timeoutMs: 1_000,
    clock: createManualClock(nowMs),
  })
  const { totalSeries } = await counted.cardinality({
    top: 10,
    selectors: [],
    range: { fromMs: -Infinity, toMs },
  })
  expect(totalSeries).toBe(3)
  expect(new URL(asked, 'http://a').searchParams.get('date')).toBe(day)
})
