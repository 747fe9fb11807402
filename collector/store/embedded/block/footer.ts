import { crc32 } from 'node:zlib'

export type BlockVersion = 1 | 2 | 3

/**
 * The last bytes of a block file. A block spans `windowMs` from `startMs` on and holds what its windows list says.
 * Times are milliseconds since the epoch. `generation` counts how often a block of several windows was rewritten; in
 * one of a single window it is that window's.
 */
export interface BlockFooter {
  readonly version: BlockVersion
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
  /** Ascending by start. */
  readonly windows: readonly BlockWindow[]
}

/** What generations `lowestGeneration` to `generation` of a window received; at equal times a higher one wins. */
export interface BlockWindow {
  readonly startMs: number
  readonly windowMs: number
  readonly lowestGeneration: number
  readonly generation: number
}

/** First bytes of every block and the last of its footer; the last two are the format's version. */
export const blockMagic = Uint8Array.of(0x50, 0x47, 0x48, 0x42, 0x4c, 0x4b, 3, 0) // PGHBLK, version 3

export const footerBytes = 96
export const windowBytes = 20
/** So that the footer and its windows are read at once; a day has twelve. */
export const maxWindows = 128

const versionAt = 6

/** Which version a file with these first bytes has; undefined when it is no block or of a later one. */
export function versionOf(magic: Uint8Array): BlockVersion | undefined {
  if (magic.length !== blockMagic.length) return undefined
  for (let i = 0; i < blockMagic.length; i++) {
    if (i !== versionAt && magic[i] !== blockMagic[i]) return undefined
  }
  const version = magic[versionAt]
  return version === 1 || version === 2 || version === 3 ? version : undefined
}

/** The windows and the footer, as they end a block. */
export function encodeFooter(footer: BlockFooter): Buffer {
  const { windows } = footer
  const all = Buffer.alloc(windows.length * windowBytes + footerBytes)
  for (const [i, window] of windows.entries()) {
    const at = i * windowBytes
    all.writeDoubleLE(window.startMs, at)
    all.writeUInt32LE(window.windowMs, at + 8)
    all.writeUInt32LE(window.lowestGeneration, at + 12)
    all.writeUInt32LE(window.generation, at + 16)
  }
  const windowsCrc = crc32(all.subarray(0, windows.length * windowBytes))
  const bytes = all.subarray(windows.length * windowBytes)
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
  bytes.writeUInt32LE(windows.length, 72)
  bytes.writeUInt32LE(windowsCrc, 76)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 84)), 84)
  bytes.set(blockMagic, 88)
  return all
}

/** The footer in the last bytes of a file of `fileBytes` bytes; undefined when it is not a whole block. */
export function decodeFooter(tail: Buffer, fileBytes: number): BlockFooter | undefined {
  if (tail.length < footerBytes) return undefined
  const bytes = tail.subarray(tail.length - footerBytes)
  const version = versionOf(bytes.subarray(88))
  if (version === undefined || bytes.readUInt32LE(84) !== crc32(bytes.subarray(0, 84))) return undefined
  const one: BlockWindow = {
    startMs: bytes.readDoubleLE(0),
    windowMs: bytes.readDoubleLE(8),
    lowestGeneration: bytes.readUInt32LE(48),
    generation: bytes.readUInt32LE(52),
  }
  const windowCount = version === 1 ? 0 : bytes.readUInt32LE(72)
  const windows = version === 1 ? [one] : decodeWindows(tail, windowCount, bytes.readUInt32LE(76))
  if (windows === undefined) return undefined
  const footer: BlockFooter = {
    ...one,
    version,
    minMs: bytes.readDoubleLE(16),
    maxMs: bytes.readDoubleLE(24),
    samples: bytes.readDoubleLE(32),
    indexAt: bytes.readDoubleLE(40),
    series: bytes.readUInt32LE(56),
    indexBytes: bytes.readUInt32LE(60),
    indexRawBytes: bytes.readUInt32LE(64),
    indexCrc: bytes.readUInt32LE(68),
    windows,
  }
  const end = footer.indexAt + footer.indexBytes + windowCount * windowBytes + footerBytes
  return end === fileBytes ? footer : undefined
}

function decodeWindows(tail: Buffer, count: number, crc: number): BlockWindow[] | undefined {
  const start = tail.length - footerBytes - count * windowBytes
  if (count > maxWindows || start < 0) return undefined
  if (crc32(tail.subarray(start, tail.length - footerBytes)) !== crc) return undefined
  return Array.from({ length: count }, (_, i) => {
    const at = start + i * windowBytes
    return {
      startMs: tail.readDoubleLE(at),
      windowMs: tail.readUInt32LE(at + 8),
      lowestGeneration: tail.readUInt32LE(at + 12),
      generation: tail.readUInt32LE(at + 16),
    }
  })
}
