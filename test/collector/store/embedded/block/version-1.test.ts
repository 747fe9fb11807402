import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { systemClock } from '../../../../../common/clock.ts'
import { labelValue } from '../../../../../common/series/label-set.ts'
import { isStaleAt } from '../../../../../common/series/stale.ts'
import { openBlock } from '../../../../../collector/store/embedded/block/block.ts'
import { createBlockReader } from '../../../../../collector/store/embedded/block/block-reader.ts'
import { labelsOf } from '../../../../../collector/store/embedded/index/series-columns.ts'
import { createPace } from '../../../../../collector/store/embedded/pace.ts'

/**
 * Written when version 1 was the current one: series i of 12 has 10 * i + 1 samples (7 has 10,000), 700 ms apart, in
 * no order of labels. Even ones have j * (i + 1) at position j, odd ones (j * 37 + i) / 100.
 */
const path = fileURLToPath(new URL('version-1.block', import.meta.url))
const startMs = 1_720_000_800_000
const pace = createPace(systemClock)
const reader = createBlockReader({
  clock: systemClock,
  indexCacheBytes: 1 << 20,
  pageCacheBytes: 1 << 20,
  onBadPage: (_, page) => {
    throw new Error(`page ${page} is bad`)
  },
})

it('a block of version 1 is opened with what its footer says', async () => {
  const window = { startMs, windowMs: 7_200_000, lowestGeneration: 0, generation: 1 }
  expect((await openBlock(path))?.footer).toMatchObject({
    ...window,
    version: 1,
    series: 12,
    windows: [window],
  })
})

it('every sample of a block of version 1 is read', async () => {
  const block = (await openBlock(path))!
  const { numbers, series } = await reader.find(block, [], [], pace)
  const found = new Map<number, { times: number[]; values: Float64Array }>()
  await reader.read(block, numbers, 0, Infinity, pace, (position, samples, from) => {
    const i = Number(labelValue(labelsOf(series, position), 'i'))
    const known = found.get(i) ?? { times: [], values: new Float64Array(0) }
    const values = new Float64Array(known.values.length + samples.count)
    values.set(known.values)
    values.set(samples.values.subarray(0, samples.count), known.values.length)
    const times = Array.from(samples.offsets.subarray(0, samples.count), (offset) => from + offset)
    found.set(i, { times: [...known.times, ...times], values })
  })
  for (let i = 0; i < 12; i++) {
    const { times, values } = found.get(i)!
    const count = i === 7 ? 10_000 : 10 * i + 1
    expect(times).toEqual(Array.from({ length: count }, (_, j) => startMs + j * 700))
    const expected = Array.from({ length: count }, (_, j) => (i % 2 === 0 ? j * (i + 1) : (j * 37 + i) / 100))
    if (i === 9) expected[3] = Infinity
    if (i === 4) expected[count - 1] = NaN
    expect([...values]).toEqual(expected)
    if (i === 4) expect(isStaleAt(values, count - 1)).toBe(true)
  }
})

it('series of a block of version 1 are found by their labels', async () => {
  const block = (await openBlock(path))!
  const named = async (name: string, operator: '=' | '=~' | '!=', value: string): Promise<string[]> => {
    const { numbers, series } = await reader.find(block, [[{ name, operator, value }]], [], pace)
    return Array.from(numbers, (_, ref) => labelValue(labelsOf(series, ref), 'i')).sort()
  }
  expect(await named('__name__', '=', 'm1')).toEqual(['1', '10', '4', '7'])
  expect(await named('z', '=~', '.+')).toEqual(['6'])
  expect(await named('i', '=~', '1[01]')).toEqual(['10', '11'])
  expect(await named('z', '!=', 'ü')).toHaveLength(11)
  expect(await reader.values(block, '__name__', 0, Infinity, pace)).toEqual(['m0', 'm1', 'm2'])
  expect(await reader.names(block, 0, Infinity, pace)).toEqual(['__name__', 'i', 'z'])
})
