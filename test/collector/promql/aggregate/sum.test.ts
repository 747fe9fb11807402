import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import { sumOf } from '../../../../collector/promql/evaluate/kahan.ts'
import { createMemoryQueryable } from '../memory-queryable.ts'

const number = fc.oneof(
  fc.double(),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 970, -(2 ** 970), 1e-320, -0),
)

async function sumOfSeries(all: readonly number[]): Promise<number> {
  const queryable = createMemoryQueryable()
  for (const [i, value] of all.entries()) {
    const name = `m${String(i).padStart(3, '0')}`
    queryable.add(['__name__', name], Float64Array.of(0), Float64Array.of(value))
  }
  const result = await createEngine().instant(queryable, 'sum({__name__=~"m.*"})', 0)
  if (result.type !== 'vector') throw new Error(`a ${result.type}`)
  return result.samples[0]!.value
}

test('a sum over series has the bits of one that compensates number by number', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 12 }), async (all) => {
      expect(await sumOfSeries(all)).toBe(sumOf(Float64Array.from(all), 0, all.length))
    }),
    { numRuns: 300 },
  )
})

test('what is lost next to the largest double does not spoil the sum', async () => {
  // Its loss is found by way of a number that is larger still.
  const all = [4.494232837155793e307, -Number.MAX_VALUE]
  expect(await sumOfSeries(all)).toBe(sumOf(Float64Array.from(all), 0, all.length))
})

test('a step that some series lack is summed as well', async () => {
  const queryable = createMemoryQueryable()
  queryable.add(['__name__', 'a'], Float64Array.of(0, 600_000), Float64Array.of(1, 2))
  queryable.add(['__name__', 'b'], Float64Array.of(600_000), Float64Array.of(1e16))
  const result = await createEngine().range(queryable, 'sum({__name__=~"a|b"})', 0, 600_000, 600_000)
  expect(Array.from(result.series[0]!.values)).toEqual([1, 1e16 + 2])
})
