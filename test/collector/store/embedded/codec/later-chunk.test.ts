import { expect, it } from 'vitest'
import {
  decodeChunk,
  encodeChunk,
  maxChunkBytes,
} from '../../../../../collector/store/embedded/codec/chunk.ts'
import { laterChunk } from '../../../../../collector/store/embedded/codec/later-chunk.ts'
import { createSampleBuffer } from '../../../../../collector/store/embedded/sample-buffer.ts'

it('a chunk that counts from an earlier moment has the same samples, that much later', () => {
  const samples = createSampleBuffer(300)
  for (let i = 0; i < 300; i++) {
    samples.offsets[i] = 5 + i * 1000 + (i % 7)
    samples.values[i] = Math.sin(i)
  }
  samples.count = 300
  const bytes = new Uint8Array(maxChunkBytes(300))
  const chunk = bytes.subarray(0, encodeChunk(samples, 0, 300, bytes, 0))
  for (const laterMs of [0, 1, 7_200_000, 79_200_000]) {
    const decoded = createSampleBuffer(1)
    const later = laterChunk(chunk, laterMs)
    const from = { bytes: later, at: 0 }
    decodeChunk(from, decoded)
    expect(from.at).toBe(later.length)
    expect(Array.from(decoded.offsets.subarray(0, 300))).toEqual(
      Array.from(samples.offsets.subarray(0, 300), (offset) => offset + laterMs),
    )
    expect(decoded.values.subarray(0, 300)).toEqual(samples.values.subarray(0, 300))
  }
})
