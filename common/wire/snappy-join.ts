import { PgherdError } from '../errors.ts'

/**
 * One snappy block that expands to what the given ones expand to, one behind the other. Copies point backwards
 * by a distance and never before the start of their block, so the elements can follow each other as they are;
 * only the length in front is new. Protobuf messages concatenate too, so that requests of remote write do.
 * @throws PgherdError BAD_DATA when a block does not start with a length
 */
export function joinSnappyBlocks(blocks: readonly Uint8Array[]): Uint8Array {
  if (blocks.length === 1) return blocks[0]!
  let uncompressed = 0
  let size = 0
  const parts: Uint8Array[] = []
  for (const block of blocks) {
    const { length, at } = snappyLength(block)
    uncompressed += length
    size += block.length - at
    parts.push(block.subarray(at))
  }
  const header = lengthOf(uncompressed)
  const out = new Uint8Array(header.length + size)
  out.set(header)
  let at = header.length
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/**
 * The length that a block declares, and where its elements start.
 * @throws PgherdError BAD_DATA when there is none
 */
export function snappyLength(block: Uint8Array): { readonly length: number; readonly at: number } {
  let length = 0
  let scale = 1
  for (let at = 0; at < Math.min(5, block.length); at++) {
    const byte = block[at]!
    length += (byte & 0x7f) * scale
    if (byte < 0x80) return { length, at: at + 1 }
    scale *= 128
  }
  throw new PgherdError('BAD_DATA', 'the body is not a snappy block: its length is malformed')
}

function lengthOf(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
