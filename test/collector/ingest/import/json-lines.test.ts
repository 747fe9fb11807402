import { expect, test } from 'vitest'
import { createIngest } from '../../../../collector/ingest/ingest.ts'
import { staleBits } from '../../../../common/series/stale.ts'
import { linesInto } from './lines-into.ts'

test('values are numbers, infinities in words, and null for a stale marker', async () => {
  const bits: bigint[] = []
  const ingest = createIngest({
    now: () => 0,
    seriesRef: () => 0,
    append: (_refs, _times, values, count) => {
      bits.push(...new BigUint64Array(values.buffer, values.byteOffset, count))
      return Promise.resolve({ stored: count, duplicate: 0, outOfBounds: 0 })
    },
  })
  const line =
    '{"metric":{"__name__":"m"},"values":[1.5,"Infinity","-Infinity",null,"NaN"],"timestamps":[1,2,3,4,5]}'
  await linesInto(ingest, 'json', line)
  const expected = new BigUint64Array(Float64Array.of(1.5, Infinity, -Infinity, 0, NaN).buffer)
  expected[3] = staleBits
  expect(bits).toEqual([...expected])
})

test('an older VictoriaMetrics writes infinities as bare words', async () => {
  const values: number[] = []
  const ingest = createIngest({
    now: () => 0,
    seriesRef: () => 0,
    append: (_refs, _times, column, count) => {
      values.push(...column.subarray(0, count))
      return Promise.resolve({ stored: count, duplicate: 0, outOfBounds: 0 })
    },
  })
  const label = '\\"values\\":[inf]'
  const line = `{"metric":{"__name__":"m","a":"${label}"},"values":[+Inf,1,-Inf],"timestamps":[1,2,3]}`
  await linesInto(ingest, 'json', line)
  expect(values).toEqual([Infinity, 1, -Infinity])
})

test.each([
  ['[1]', /expected object/],
  ['{"metric":{"__name__":"m"},"values":[1,2],"timestamps":[1]}', /2 values and 1 timestamps/],
  ['{"metric":{"__name__":"m"},"values":["x"],"timestamps":[1]}', /the value "x" is no number/],
  ['{"metric":{"__name__":"m"},"values":[1],"timestamps":["1"]}', /the timestamp "1" is no number/],
  ['{"metric":{"__name__":1},"values":[1],"timestamps":[1]}', /a label has a value that is no string/],
  ['{"values":[1],"timestamps":[1]}', /metric/],
  ['[['.repeat(100_000), /JSON/],
  [`{"metric":{},"values":[${'{},'.repeat(100_000)}1],"timestamps":[]}`, /values/],
])('%.60s is refused', async (line, reason) => {
  const ingest = createIngest({
    now: () => 0,
    seriesRef: () => 0,
    append: () => Promise.reject(new Error('none')),
  })
  await expect(linesInto(ingest, 'json', line)).rejects.toMatchObject({
    code: 'BAD_DATA',
    message: expect.stringMatching(reason) as string,
  })
})

test('a label __proto__ is a label', async () => {
  const seen: unknown[] = []
  const ingest = createIngest({
    now: () => 0,
    seriesRef: (labels) => seen.push(labels),
    append: (_refs, _times, _values, count) =>
      Promise.resolve({ stored: count, duplicate: 0, outOfBounds: 0 }),
  })
  await linesInto(ingest, 'json', '{"metric":{"__name__":"m","__proto__":"x"},"values":[1],"timestamps":[1]}')
  expect(seen).toEqual([['__name__', 'm', '__proto__', 'x']])
})
