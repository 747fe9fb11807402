import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabelSet } from '../../../../../common/series/label-set.ts'
import { createByteBuffer, putBytes } from '../../../../../collector/store/embedded/bytes.ts'
import { createSymbols } from '../../../../../collector/store/embedded/index/symbols.ts'
import { createByteSymbols } from '../../../../../collector/store/embedded/log/byte-symbols.ts'
import { logMagic } from '../../../../../collector/store/embedded/log/log-file.ts'
import { putIdentity, putSamples, putSeries } from '../../../../../collector/store/embedded/log/records.ts'
import type { LogIdentity } from '../../../../../collector/store/embedded/log/records.ts'
import { replayLog } from '../../../../../collector/store/embedded/log/replay.ts'
import type { ReplayResult, ReplaySink } from '../../../../../collector/store/embedded/log/replay.ts'
import { createSampleBuffer } from '../../../../../collector/store/embedded/sample-buffer.ts'

const identity: LogIdentity = { startMs: 7_200_000, windowMs: 7_200_000, generation: 3, createdMs: 7_300_000 }

interface Content extends ReplayResult {
  readonly identity: LogIdentity | undefined
  readonly series: [number, LabelSet][]
  readonly samples: [slot: number, offset: number, value: number][]
}

function createLog(): { bytes: Uint8Array; ends: number[] } {
  const out = createByteBuffer(64)
  const ends: number[] = []
  putBytes(out, logMagic)
  putIdentity(out, identity)
  ends.push(out.at)
  for (let batch = 0; batch < 4; batch++) {
    putSeries(out, batch, ['__name__', 'up', 'ins', `pg-${String(batch)}`])
    ends.push(out.at)
    const samples = createSampleBuffer(4)
    samples.count = 3
    samples.offsets.set([batch * 100, batch * 100, batch * 100 + (batch % 2)])
    samples.values.set([batch, batch + 0.5, -batch])
    putSamples(out, { slots: Uint32Array.of(batch, 0, 1), samples })
    ends.push(out.at)
  }
  return { bytes: out.bytes.slice(0, out.at), ends }
}

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pgherd-replay-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function replay(bytes: Uint8Array): Promise<Content> {
  const path = join(directory, 'log')
  await writeFile(path, bytes)
  const series: Content['series'] = []
  const samples: Content['samples'] = []
  let found: LogIdentity | undefined
  const symbols = createSymbols()
  const sink: ReplaySink = {
    found: (value) => void (found = value),
    series(slot, labels, length) {
      series.push([slot, Array.from(labels.subarray(0, length), (symbol) => symbols.texts[symbol]!)])
    },
    samples(batch) {
      for (let i = 0; i < batch.samples.count; i++) {
        samples.push([batch.slots[i]!, batch.samples.offsets[i]!, batch.samples.values[i]!])
      }
    },
  }
  const result = await replayLog(path, sink, createByteSymbols(symbols))
  return { ...result, identity: found, series, samples }
}

const { bytes: whole, ends } = createLog()

it('a log returns what was written, in its order', async () => {
  const content = await replay(whole)
  expect(content.identity).toEqual(identity)
  expect(content.series[2]).toEqual([2, ['__name__', 'up', 'ins', 'pg-2']])
  expect(content.samples).toHaveLength(12)
  expect(content.samples.slice(9)).toEqual([
    [3, 300, 3],
    [0, 300, 3.5],
    [1, 301, -3],
  ])
  expect(content).toMatchObject({ goodBytes: whole.length, damaged: 0 })
})

it('a log cut at any byte is good up to its last whole record and not called damaged', async () => {
  for (let length = 0; length < whole.length; length++) {
    const content = await replay(whole.subarray(0, length))
    const lastEnd = ends.findLast((end) => end <= length) ?? (length < logMagic.length ? 0 : logMagic.length)
    expect([length, content.goodBytes, content.damaged]).toEqual([length, lastEnd, 0])
  }
})

it('zeros behind the last record, as a power cut leaves them, are not called damaged', async () => {
  const padded = new Uint8Array(whole.length + 4096)
  padded.set(whole)
  expect(await replay(padded)).toMatchObject({ goodBytes: whole.length, damaged: 0 })
})

describe('a flipped bit', () => {
  it('is noticed wherever it is, and never changes a sample', async () => {
    const intact = (await replay(whole)).samples.map(String)
    for (let at = 0; at < whole.length; at++) {
      const flipped = whole.slice()
      flipped[at]! ^= 1 << (at % 8)
      const content = await replay(flipped)
      expect([at, content.damaged]).toEqual([at, 1])
      const found = content.samples.map(String)
      expect(found.length).toBeLessThanOrEqual(intact.length)
      expect(intact.filter((sample) => found.includes(sample))).toEqual(found)
    }
  })

  it('in the payload of a record costs only this record', async () => {
    const flipped = whole.slice()
    flipped[ends[4]! - 1]! ^= 0x10
    const content = await replay(flipped)
    expect(content.samples.map(([slot]) => slot)).toEqual([0, 0, 1, 2, 0, 1, 3, 0, 1])
    expect(content.goodBytes).toBe(whole.length)
  })
})

it('thousands of texts, of which many look alike, keep their series apart', async () => {
  const out = createByteBuffer(64)
  putBytes(out, logMagic)
  putIdentity(out, identity)
  const written: [number, string[]][] = []
  for (let i = 0; i < 3000; i++) {
    const labels = [
      '__name__',
      `m${i % 7}`,
      'db',
      `é${i}`,
      'ins',
      `pg-${i % 911}`,
      'job',
      i % 2 === 0 ? '' : 'pg',
    ]
    putSeries(out, i, labels)
    written.push([i, labels])
  }
  const { series } = await replay(out.bytes.slice(0, out.at))
  expect(series).toEqual(written)
})
