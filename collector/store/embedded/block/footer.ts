import { crc32 } from 'node:zlib'

/**
 * The last bytes of a block file. A block holds the window's samples that generations `lowestGeneration` to
 * `generation` received; at equal timestamps a higher generation wins. Times are milliseconds since the epoch.
 */
export interface BlockFooter {
  readonly startMs: number
  readonly windowMs: number
  readonly minMs: number
  readonly maxMs: number
  readonly lowestGeneration: number
  readonly generation: number
  readonly series: number
  readonly samples: number
  readonly indexAt: number
  readonly indexBytes: number
  readonly indexRawBytes: number
  readonly indexCrc: number
}

/** First bytes of every block and the last of its footer; the last two are the format's version. */
export const blockMagic = Uint8Array.of(0x50, 0x47, 0x48, 0x42, 0x4c, 0x4b, 1, 0) // PGHBLK, version 1

export const footerBytes = 96

export function encodeFooter(footer: BlockFooter): Buffer {
  const bytes = Buffer.alloc(footerBytes)
  bytes.writeDoubleLE(footer.startMs, 0)
  bytes.writeDoubleLE(footer.windowMs, 8)
  bytes.writeDoubleLE(footer.minMs, 16)
  bytes.writeDoubleLE(footer.maxMs, 24)
  bytes.writeDoubleLE(footer.samples, 32)
  bytes.writeDoubleLE(footer.indexAt, 40)
  bytes.writeUInt32LE(footer.lowestGeneration, 48)
  bytes.writeUInt32LE(footer.generation, 52)
  bytes.writeUInt32LE(footer.series, 56)
  bytes.writeUInt32LE(footer.indexBytes, 60)
  bytes.writeUInt32LE(footer.indexRawBytes, 64)
  bytes.writeUInt32LE(footer.indexCrc, 68)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 84)), 84)
  bytes.set(blockMagic, 88)
  return bytes
}

/** The footer in the last bytes of a file of `fileBytes` bytes; undefined when it is not a whole block. */
export function decodeFooter(bytes: Buffer, fileBytes: number): BlockFooter | undefined {
  if (bytes.length !== footerBytes || blockMagic.some((byte, i) => bytes[88 + i] !== byte)) return undefined
  if (bytes.readUInt32LE(84) !== crc32(bytes.subarray(0, 84))) return undefined
  const footer: BlockFooter = {
    startMs: bytes.readDoubleLE(0),
    windowMs: bytes.readDoubleLE(8),
    minMs: bytes.readDoubleLE(16),
    maxMs: bytes.readDoubleLE(24),
    samples: bytes.readDoubleLE(32),
    indexAt: bytes.readDoubleLE(40),
    lowestGeneration: bytes.readUInt32LE(48),
    generation: bytes.readUInt32LE(52),
    series: bytes.readUInt32LE(56),
    indexBytes: bytes.readUInt32LE(60),
    indexRawBytes: bytes.readUInt32LE(64),
    indexCrc: bytes.readUInt32LE(68),
  }
  return footer.indexAt + footer.indexBytes + footerBytes === fileBytes ? footer : undefined
}
