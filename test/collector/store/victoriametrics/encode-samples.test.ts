import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSampleEncoder } from '../../../../collector/store/victoriametrics/encode-samples.ts'
import { labelKey, labelSet } from '../../../../common/series/label-set.ts'
import { snappyLength } from '../../../../common/wire/snappy-join.ts'
import { samplesOf } from './decode-body.ts'

const series = Array.from({ length: 40 }, (_, i) =>
  labelSet({ __name__: `metric_${i % 7}`, ins: `pg-${i}`, ü: 'ö"\n', ...(i % 3 === 0 ? { zone: 'a' } : {}) }),
)

function columnsOf(samples: readonly (readonly [ref: number, timeMs: number, bits: bigint])[]) {
  const bits = BigUint64Array.from(samples, ([, , one]) => one)
  return {
    refs: Uint32Array.from(samples, ([ref]) => ref),
    timestamps: Float64Array.from(samples, ([, timeMs]) => timeMs),
    values: new Float64Array(bits.buffer),
    count: samples.length,
    texts: samples.map(([ref, timeMs, one]) => `${labelKey(series[ref]!)} ${timeMs} ${one}`).sort(),
  }
}

const encode = createSampleEncoder((ref) => series[ref]!)
const bodiesOf = ({ refs, timestamps, values, count }: ReturnType<typeof columnsOf>) =>
  encode(refs, timestamps, values, count)

describe('whatever is appended comes out of the bodies, bit by bit', () => {
  const ref = fc.integer({ min: 0, max: series.length - 1 })
  const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  const timeMs = fc.integer({ min: -5, max: 2 ** 42 })
  const shapes = {
    'samples in any order': fc.array(fc.tuple(ref, timeMs, bits), { minLength: 1, maxLength: 60 }),
    'all series at one time, then at the next': fc
      .array(fc.tuple(timeMs, fc.array(fc.tuple(ref, bits), { minLength: 10, maxLength: 40 })), {
        minLength: 1,
        maxLength: 4,
      })
      .map((runs) => runs.flatMap(([at, run]) => run.map(([one, value]) => [one, at, value] as const))),
    'many samples of one series, then of the next': fc
      .array(fc.tuple(ref, fc.array(fc.tuple(timeMs, bits), { minLength: 1, maxLength: 30 })), {
        minLength: 1,
        maxLength: 4,
      })
      .map((all) => all.flatMap(([one, run]) => run.map(([at, value]) => [one, at, value] as const))),
  }
  test.each(Object.entries(shapes))('%s', (_, shape) => {
    fc.assert(
      fc.property(shape, (samples) => {
        const columns = columnsOf(samples)
        expect(bodiesOf(columns).flatMap(samplesOf).sort()).toEqual(columns.texts)
      }),
      { numRuns: 60 },
    )
  })
})

test.each(['by time', 'by series'])('no body is larger than the engine takes: %s', (order) => {
  const samples = Array.from({ length: 100_000 }, (_, i) =>
    order === 'by time'
      ? ([i % 40, 1_000 + Math.floor(i / 40), BigInt(i)] as const)
      : ([Math.floor(i / 2_500), 1_000 + (i % 2_500), BigInt(i)] as const),
  )
  const bodies = bodiesOf(columnsOf(samples))
  const lengths = bodies.map((body) => snappyLength(body).length)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(5 * 1024 * 1024)
  expect(bodies.length).toBeLessThan(40)
})
