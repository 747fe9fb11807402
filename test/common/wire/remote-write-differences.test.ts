import fc from 'fast-check'
import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { labelSet } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../../../common/wire/remote-write-encode.ts'
import { joinSnappyBlocks } from '../../../common/wire/snappy-join.ts'
import { splitRemoteWrite } from '../../../common/wire/remote-write-split.ts'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'
import { createSnappyWriter } from '../../../common/wire/snappy-write.ts'
import { request, sample, series as seriesField } from './protobuf.ts'

const limit = 64 << 20

/** The request as protobuf says it, built without any of the encoder's shortcuts. */
function plainly(timestampMs: number, series: readonly LabelSet[], values: Float64Array): Buffer {
  return request(
    ...series.map((labels, i) => {
      const pairs: [string, string][] = []
      for (let at = 0; at < labels.length; at += 2) pairs.push([labels[at]!, labels[at + 1]!])
      return seriesField(pairs, [sample(values[i]!, timestampMs)])
    }),
  )
}

const word = fc.constantFrom('a', 'ab', 'relname', 'public.orders', 'ö'.repeat(70), 'x'.repeat(300))
const labels = fc
  .dictionary(word, word, { maxKeys: 5 })
  .chain((given) => fc.option(word).map((name) => labelSet({ ...given, __name__: name ?? '' })))
const value = fc.constantFrom(0, 1, 2, 1e6, 0.1, -1, Number.MAX_VALUE, Infinity)

test('series that come and go, change places and repeat are encoded as protobuf says, batch after batch', () => {
  fc.assert(
    fc.property(
      fc.array(labels, { minLength: 1, maxLength: 12 }),
      fc.array(fc.array(fc.tuple(fc.nat(11), value), { maxLength: 20 }), { minLength: 1, maxLength: 6 }),
      (pool, batches) => {
        const encoder = createRemoteWriteEncoder()
        for (const [round, picks] of batches.entries()) {
          // Times of different length in between: the encoder has to forget what it knew.
          const timestampMs = round % 3 === 2 ? 5 : 1_790_000_000_000 + round
          const series = picks.map(([at]) => pool[at % pool.length]!)
          const values = Float64Array.from(picks, ([, one]) => one)
          const { bodies } = encoder.encode({ timestampMs, series, values })
          expect(bodies).toHaveLength(series.length === 0 ? 0 : 1)
          for (const { body } of bodies) {
            expect(Buffer.from(uncompressSnappy(body, limit))).toEqual(plainly(timestampMs, series, values))
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('labels too long for a copy of snappy to reach over them are written out', () => {
  const long = (text: string) => labelSet({ __name__: 'up', query: text.repeat(50_000) })
  const series = [labelSet({ __name__: 'up' }), long('a'), long('a'), labelSet({ __name__: 'up' }), long('b')]
  const values = Float64Array.of(1, 1, 1, 1, 1)
  const encoder = createRemoteWriteEncoder()
  const { body } = encoder.encode({ timestampMs: 1_790_000_000_000, series, values }).bodies[0]!
  expect(Buffer.from(uncompressSnappy(body, limit))).toEqual(plainly(1_790_000_000_000, series, values))
})

test('a batch of rows with many metrics is nearly as small as a general compressor makes it', () => {
  const metrics = ['seq_scan', 'idx_scan', 'tuples_inserted', 'size_bytes', 'age', 'last_vacuum_seconds']
  const series = Array.from({ length: 1200 }, (_, i) =>
    labelSet({
      __name__: `pg_table_${metrics[i % 6]}`,
      cls: 'pg-main',
      ins: 'pg-main-1',
      ip: '10.10.10.11',
      datname: 'application',
      relname: `public.orders_${Math.floor(i / 6) * 7919}`,
    }),
  )
  const values = Float64Array.from(series, (_, i) => (i % 2 === 0 ? 0 : (i * 7919) % 100_000))
  const { body } = createRemoteWriteEncoder().encode({ timestampMs: 1_790_000_000_000, series, values })
    .bodies[0]!
  expect(body.length).toBeLessThan(1.25 * compress(uncompressSnappy(body, limit)).length)
})

test('blocks that are joined expand to their contents, one behind the other', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 6 }), (contents) => {
      const joined = joinSnappyBlocks(contents.map((content) => compress(content)))
      expect(Buffer.from(uncompressSnappy(joined, limit))).toEqual(Buffer.concat(contents))
    }),
  )
})

test('a request is split into two halves of its series, down to one', () => {
  const series = ['a', 'b', 'c'].map((name) => labelSet({ __name__: name }))
  const values = Float64Array.of(1, 2, 3)
  const { body } = createRemoteWriteEncoder().encode({ timestampMs: 1, series, values }).bodies[0]!
  const halves = splitRemoteWrite(body)!
  expect(Buffer.from(uncompressSnappy(halves[0], limit))).toEqual(plainly(1, series.slice(0, 1), values))
  expect(Buffer.from(uncompressSnappy(halves[1], limit))).toEqual(
    plainly(1, series.slice(1), values.subarray(1)),
  )
  expect(splitRemoteWrite(halves[0])).toBeUndefined()
  expect(() => splitRemoteWrite(Buffer.from('no block'))).toThrow(/snappy|expands/)
})

test('literals and copies of every length are written as snappy reads them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 300 })), {
        minLength: 1,
        maxLength: 5,
      }),
      (steps) => {
        const writer = createSnappyWriter(1)
        let expected: Buffer = Buffer.alloc(0)
        for (const [length, copied] of steps) {
          const fresh = Buffer.alloc(length, `${length}.`)
          writer.literal(fresh, 0, length)
          const distance = Math.min(copied, length)
          writer.copy(distance, copied)
          const repeated = Buffer.from(fresh.subarray(length - distance))
          expected = Buffer.concat([expected, fresh, Buffer.alloc(copied, repeated)])
        }
        expect(Buffer.from(uncompressSnappy(writer.finish(), limit)).equals(expected)).toBe(true)
      },
    ),
    { numRuns: 50 },
  )
})
