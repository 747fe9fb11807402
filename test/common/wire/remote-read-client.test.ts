import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { isStaleAt, setStale } from '../../../common/series/stale.ts'
import { decodeReadAnswer, encodeReadRequest } from '../../../common/wire/remote-read-client.ts'
import { decodeReadRequest } from '../../../common/wire/remote-read-decode.ts'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'
import { bytesField, encodeTimeSeries } from '../../../common/wire/time-series-encode.ts'

function answer(...series: readonly SeriesSamples[]): Uint8Array {
  const result = Buffer.concat(series.map((one) => bytesField(1, encodeTimeSeries(one))))
  return compress(bytesField(1, result))
}

test('a request is what a server of remote read reads: times and matchers of each kind', () => {
  const matchers: Matcher[] = [
    { name: '__name__', operator: '=~', value: 'a|b' },
    { name: 'ä', operator: '!=', value: '' },
    { name: 'x', operator: '=', value: 'y' },
    { name: 'x', operator: '!~', value: '.+' },
  ]
  const body = encodeReadRequest(matchers, 1_720_000_000_123, 1_720_007_200_122)
  expect(decodeReadRequest(uncompressSnappy(body, 1 << 20)).queries).toEqual([
    { fromMs: 1_720_000_000_123, toMs: 1_720_007_200_122, matchers },
  ])
})

test('an answer has the samples of each series, stale markers as they are', () => {
  const values = Float64Array.of(1, 0, -Infinity)
  setStale(values, 1)
  const one = { labels: ['__name__', 'a', 'x', 'y'], timestamps: Float64Array.of(1000, 2000, 3000), values }
  const other = { labels: ['__name__', 'b'], timestamps: Float64Array.of(1000), values: Float64Array.of(0.1) }
  const read = decodeReadAnswer(answer(one, other), 1 << 20)
  expect(read.map(({ labels, timestamps }) => [labels, [...timestamps]])).toEqual([
    [one.labels, [1000, 2000, 3000]],
    [other.labels, [1000]],
  ])
  expect(isStaleAt(read[0]!.values, 1)).toBe(true)
  expect([read[0]!.values[2], read[1]!.values[0]]).toEqual([-Infinity, 0.1])
  expect(decodeReadAnswer(answer(), 1 << 20)).toEqual([])
})

test('an answer that is too large says so, and one that is damaged too', () => {
  const large = {
    labels: ['__name__', 'a'],
    timestamps: new Float64Array(100),
    values: new Float64Array(100),
  }
  expect(() => decodeReadAnswer(answer(large), 100)).toThrow(
    expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }),
  )
  expect(() => decodeReadAnswer(compress(Uint8Array.of(0x0a, 0x05, 1)), 100)).toThrow(
    expect.objectContaining({ code: 'BAD_DATA' }),
  )
})
