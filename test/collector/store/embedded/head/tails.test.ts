import { describe, expect, it } from 'vitest'
import { readSlot } from '../../../../../collector/store/embedded/head/read-head.ts'
import {
  createWindowHead,
  defineSlot,
  headBytes,
  pushSample,
} from '../../../../../collector/store/embedded/head/window-head.ts'
import type { WindowHead } from '../../../../../collector/store/embedded/head/window-head.ts'
import { createSampleBuffer } from '../../../../../collector/store/embedded/sample-buffer.ts'

function createHead(slots: number): WindowHead {
  const head = createWindowHead(0)
  for (let ref = 0; ref < slots; ref++) defineSlot(head, ref)
  return head
}

/** Gives a slot the samples (i, i) for i from `first` to `end`, exclusive. */
function push(head: WindowHead, slot: number, first: number, end: number): void {
  const samples = createSampleBuffer(1)
  for (let i = first; i < end; i++) {
    samples.offsets[0] = i
    samples.values[0] = i
    pushSample(head, slot, samples, 0)
  }
}

function values(head: WindowHead, slot: number): number[] {
  const found = createSampleBuffer(0)
  readSlot(head, slot, 0, 1e6, found)
  return Array.from(found.values.subarray(0, found.count))
}

const counted = (end: number): number[] => Array.from({ length: end }, (_, i) => i)

describe('the newest samples of a series', () => {
  it('are kept uncompressed, and short tails beside it stay as they are', () => {
    const head = createHead(64)
    push(head, 7, 0, 10)
    for (const end of [16, 17, 33, 35]) {
      push(head, 3, head.tailCounts[3]!, end)
      expect([end, values(head, 3), values(head, 7), head.chunks[3]]).toEqual([
        end,
        counted(end),
        counted(10),
        0,
      ])
    }
    push(head, 3, 35, 200)
    expect(head.chunks[3]).toBeGreaterThan(0)
    expect([values(head, 3), values(head, 7)]).toEqual([counted(200), counted(10)])
  })

  it('are compressed by few series at a time where all get theirs together', () => {
    const head = createHead(640)
    let most = 0
    for (let i = 0; i < 500; i++) {
      const before = head.chunks.slice(0, 640)
      for (let slot = 0; slot < 640; slot++) push(head, slot, i, i + 1)
      const compressed = before.filter((address, slot) => head.chunks[slot] !== address).length
      most = Math.max(most, compressed)
    }
    expect(most).toBe(640 / 32)
    expect(values(head, 639)).toEqual(counted(500))
  })

  it('are compressed from 16 on where there are very many series', () => {
    const head = createHead(100_001)
    const bytes = headBytes(head)
    push(head, 3, 0, 17)
    expect(head.chunks[3]).toBeGreaterThan(0)
    push(head, 3, 17, 100)
    expect(values(head, 3)).toEqual(counted(100))
    // The arena for chunks is all that has been added.
    expect(headBytes(head) - bytes).toBe(1 << 14)
  })
})

it('a series costs about 200 bytes before its first sample', () => {
  expect(headBytes(createHead(100_000)) / 100_000).toBeLessThan(230)
})
