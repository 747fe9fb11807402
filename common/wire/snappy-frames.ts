import { PgherdError } from '../errors.ts'
import { crc32c } from './crc32c.ts'
import { uncompressSnappy } from './snappy-uncompress.ts'

const streamIdentifier = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59])
const headBytes = 4
const checksumBytes = 4
/** Of one chunk, uncompressed. */
const maxChunkBytes = 65_536
/** A compressed chunk that is larger than what it holds is stored uncompressed. */
const maxFrameBytes = checksumBytes + maxChunkBytes + maxChunkBytes / 6 + 32

/** Whether these first ten bytes begin a snappy stream, and not a block. */
export function startsSnappyStream(head: Uint8Array): boolean {
  return streamIdentifier.equals(head.subarray(0, streamIdentifier.length))
}
export const snappyStreamHeadBytes = streamIdentifier.length

/**
 * Decodes a snappy stream (google/snappy, framing_format.txt) chunk by chunk; checksums are checked.
 * @throws PgherdError BAD_DATA when it is damaged or cut off
 */
export async function* uncompressSnappyStream(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array = new Uint8Array(0)
  let toSkip = 0
  for await (const piece of body) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece])
    let at = Math.min(toSkip, held.length)
    toSkip -= at
    while (held.length - at >= headBytes) {
      const type = held[at]!
      const length = held[at + 1]! | (held[at + 2]! << 8) | (held[at + 3]! << 16)
      if (isSkippable(type)) {
        toSkip = headBytes + length
        const skipped = Math.min(toSkip, held.length - at)
        at += skipped
        toSkip -= skipped
        continue
      }
      if (length > maxFrameBytes) throw damaged('a chunk is too long')
      if (held.length - at - headBytes < length) break
      const content = held.subarray(at + headBytes, at + headBytes + length)
      at += headBytes + length
      const bytes = decodeFrame(type, content)
      if (bytes !== undefined) yield bytes
    }
    held = held.slice(at)
  }
  if (held.length > 0 || toSkip > 0) throw damaged('it ends inside a chunk')
}

function decodeFrame(type: number, content: Uint8Array): Uint8Array | undefined {
  if (type === 0xff) {
    if (!streamIdentifier.subarray(headBytes).equals(content)) throw damaged('its identifier is wrong')
    return undefined
  }
  if (type > 1) throw damaged(`chunk type ${type} is unknown`)
  if (content.length < checksumBytes) throw damaged('a chunk has no checksum')
  const data = content.subarray(checksumBytes)
  const bytes = type === 0 ? uncompressSnappy(data, maxChunkBytes) : data
  const view = new DataView(content.buffer, content.byteOffset, checksumBytes)
  if (view.getUint32(0, true) !== masked(crc32c(bytes))) throw damaged('a checksum is wrong')
  return bytes
}

function isSkippable(type: number): boolean {
  return type >= 0x80 && type < 0xff
}

function masked(checksum: number): number {
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282_ead8) >>> 0
}

function damaged(what: string): PgherdError {
  return new PgherdError('BAD_DATA', `the body is not a snappy stream: ${what}`)
}
