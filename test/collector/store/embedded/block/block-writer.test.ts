import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../../../common/clock.ts'
import type { LabelSet } from '../../../../../common/series/label-set.ts'
import { openBlock } from '../../../../../collector/store/embedded/block/block.ts'
import { createBlockReader } from '../../../../../collector/store/embedded/block/block-reader.ts'
import { labelsOf as labelsIn } from '../../../../../collector/store/embedded/index/series-columns.ts'
import { createPace } from '../../../../../collector/store/embedded/pace.ts'
import { createSampleBuffer } from '../../../../../collector/store/embedded/sample-buffer.ts'
import type { SampleBuffer } from '../../../../../collector/store/embedded/sample-buffer.ts'
import { openTestWriter, writeTestBlock } from './write-test-block.ts'

const identity = { startMs: 7_200_000, windowMs: 7_200_000, lowestGeneration: 1, generation: 4 }
const pace = createPace(systemClock)

let directory = ''
let path = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pgherd-block-'))
  path = join(directory, '7200000-1-4.block')
})
afterEach(() => rm(directory, { recursive: true }))

function labelsOf(i: number): LabelSet {
  return ['__name__', `m${String(i % 3)}`, 'i', String(i)]
}

/** Series i has 10 * i + 1 samples, one per second; series 7 has more than a chunk may hold. */
function samplesOf(i: number): SampleBuffer {
  const count = i === 7 ? 20_000 : 10 * i + 1
  const samples = createSampleBuffer(count)
  samples.count = count
  for (let j = 0; j < count; j++) {
    samples.offsets[j] = j * 300
    samples.values[j] = Math.sin(i * 1000 + j)
  }
  return samples
}

function writeBlock(series: number): Promise<unknown> {
  const all = Array.from({ length: series }, (_, i) => ({ labels: labelsOf(i), windows: [samplesOf(i)] }))
  return writeTestBlock(path, identity, [identity], all)
}

function reader(): ReturnType<typeof createBlockReader> {
  return createBlockReader({
    clock: systemClock,
    indexCacheBytes: 0,
    pageCacheBytes: 1 << 20,
    onBadPage: (_, page) => {
      throw new Error(`page ${page} is bad`)
    },
  })
}

describe('a block', () => {
  it('has a footer that says what is in it', async () => {
    await writeBlock(12)
    const block = await openBlock(path)
    expect(block?.footer).toMatchObject({
      ...identity,
      version: 3,
      windows: [identity],
      series: 12,
      samples:
        20_000 + Array.from({ length: 12 }, (_, i) => (i === 7 ? 0 : 10 * i + 1)).reduce((a, b) => a + b),
      minMs: 7_200_000,
      maxMs: 7_200_000 + 19_999 * 300,
    })
    expect(block?.bytes).toBe((await readFile(path)).length)
    expect(await readdir(directory)).toEqual(['7200000-1-4.block'])
  })

  it('returns every sample of every series', async () => {
    await writeBlock(12)
    const block = (await openBlock(path))!
    const blocks = reader()
    const all = await blocks.find(block, [], [], pace)
    expect(all.numbers).toHaveLength(12)
    const found = new Map<string, number[]>()
    await blocks.read(block, all.numbers, 0, Infinity, pace, (position, samples, startMs) => {
      expect(startMs).toBe(identity.startMs)
      const i = labelsIn(all.series, position)[3]!
      const values = found.get(i) ?? []
      found.set(i, [...values, ...samples.values.subarray(0, samples.count)])
    })
    for (let i = 0; i < 12; i++) expect(found.get(String(i))).toEqual(Array.from(samplesOf(i).values))
  })

  it('hands over the samples in the range and no others', async () => {
    await writeBlock(8)
    const block = (await openBlock(path))!
    const ranges: [number, number][] = []
    const at = identity.startMs + 10_000 * 300
    const blocks = reader()
    const seven = await blocks.find(block, [[{ name: 'i', operator: '=', value: '7' }]], [], pace)
    await blocks.read(block, seven.numbers, at, at, pace, (_, samples) => {
      ranges.push([samples.offsets[0]! / 300, samples.count])
    })
    expect(ranges).toEqual([[10_000, 1]])
  })

  it('cut at any byte is not taken for a block', async () => {
    await writeBlock(3)
    const whole = await readFile(path)
    for (let length = 0; length < whole.length; length += 7) {
      await truncate(path, length)
      expect(await openBlock(path)).toBeUndefined()
      await writeFile(path, whole)
    }
  })

  it('with a flipped bit in its footer, its windows or its magic is not taken for a block', async () => {
    await writeBlock(3)
    const whole = await readFile(path)
    const places = [...Array(8).keys(), ...Array.from({ length: 116 }, (_, i) => whole.length - 116 + i)]
    for (const at of places) {
      const flipped = Buffer.from(whole)
      flipped[at]! ^= 1 << (at % 8)
      await writeFile(path, flipped)
      expect([at, await openBlock(path)]).toEqual([at, undefined])
    }
  })

  it('that is abandoned leaves nothing behind', async () => {
    const writer = await openTestWriter(path, identity)
    await writer.addSymbol('a')
    await writer.addSeries(Uint32Array.of(0, 0), 2)
    await writer.beginSection([identity])
    await writer.addSamples(0, samplesOf(1))
    await writer.abandon()
    expect(await readdir(directory)).toEqual([])
  })
})
