import { randomBytes } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { createFrameCompressor } from '../../../../../collector/store/embedded/block/frame-compressor.ts'

it('makes a frame of its own of each piece of data, one that says how much is in it', async () => {
  using compressor = createFrameCompressor(3)
  for (let i = 0; i < 40; i++) {
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, at) => `row ${i * at}\n`).join(''))
    const frame = Buffer.concat(await compressor.compress(bytes))
    expect(zstdDecompressSync(frame).equals(bytes)).toBe(true)
    // What zstd makes when it is given everything at once.
    expect(frame).toEqual(zstdCompressSync(bytes))
  }
})

it('makes whole frames wherever the memory for them ends', async () => {
  // Cannot be compressed, so that one of them ends exactly there.
  for (let length = 64 * 1024 - 40; length < 64 * 1024 + 4; length++) {
    using compressor = createFrameCompressor(3)
    for (const bytes of [randomBytes(length), Buffer.from('the next')]) {
      const frame = Buffer.concat(await compressor.compress(bytes))
      expect(zstdDecompressSync(frame).equals(bytes)).toBe(true)
    }
  }
})

it('takes nothing when nothing is given, and megabytes', async () => {
  using compressor = createFrameCompressor(3)
  for (const bytes of [Buffer.alloc(0), randomBytes(3_000_000)]) {
    const frame = Buffer.concat(await compressor.compress(bytes))
    expect(zstdDecompressSync(frame).equals(bytes)).toBe(true)
  }
})

it('refuses what comes after its end', async () => {
  const compressor = createFrameCompressor(3)
  compressor[Symbol.dispose]()
  await expect(compressor.compress(Buffer.from('late'))).rejects.toThrow(/destroyed/)
})
