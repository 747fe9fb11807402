import { Readable, pipeline } from 'node:stream'
import { PgherdError } from '../../../common/errors.ts'
import {
  snappyStreamHeadBytes,
  startsSnappyStream,
  uncompressSnappyStream,
} from '../../../common/wire/snappy-frames.ts'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'
import { createDecompressor, damagedBody } from '../compression.ts'
import type { Compression } from '../compression.ts'

/** A snappy block cannot be decoded in parts; one of this size has two million samples. */
const maxBlockBytes = 32 * 1024 * 1024

/**
 * A body without its compression, chunk by chunk and as fast as it is read. Snappy may be a stream or one block.
 * @throws PgherdError BAD_DATA when it is damaged, CANCELLED when its sender goes away
 */
export function uncompressStream(
  body: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncIterable<Uint8Array> {
  const received = whileConnected(body)
  if (compression === 'identity') return received
  if (compression === 'snappy') return uncompressSnappyOfAnyKind(received)
  return throughZlib(received, compression)
}

/**
 * A whole body without its compression.
 * @throws PgherdError REQUEST_TOO_LARGE when it expands to more than `maxBytes`, BAD_DATA when it is damaged
 */
export async function uncompressWhole(
  body: Uint8Array,
  compression: Compression,
  maxBytes: number,
): Promise<Uint8Array> {
  return await collect(uncompressStream(Readable.from([body]), compression), maxBytes)
}

async function* whileConnected(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body
  } catch (error) {
    if (error instanceof PgherdError) throw error
    throw new PgherdError('CANCELLED', 'the body ended before it was complete', { cause: error })
  }
}

async function* throughZlib(
  body: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'deflate' | 'zstd',
): AsyncGenerator<Uint8Array, void, undefined> {
  const decompressor = createDecompressor(compression)
  // The error reaches whoever reads from the last stream.
  pipeline(Readable.from(body, { objectMode: false }), decompressor, () => undefined)
  try {
    for await (const chunk of decompressor as AsyncIterable<Uint8Array>) yield chunk
  } catch (error) {
    if (error instanceof PgherdError) throw error
    throw damagedBody(compression, error)
  } finally {
    decompressor.destroy()
  }
}

async function* uncompressSnappyOfAnyKind(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = body[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  let next = await chunks.next()
  while (next.done !== true) {
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
    if (head.length >= snappyStreamHeadBytes) break
    next = await chunks.next()
  }
  const whole = joined(head, { [Symbol.asyncIterator]: () => chunks })
  if (startsSnappyStream(head)) yield* uncompressSnappyStream(whole)
  else yield uncompressSnappy(await collect(whole, maxBlockBytes), maxBlockBytes)
}

async function* joined(
  head: Uint8Array,
  tail: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield head
  yield* tail
}

async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    parts.push(part)
    size += part.length
    if (size > maxBytes)
      throw new PgherdError('REQUEST_TOO_LARGE', `the body has more than ${maxBytes} bytes`)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}
