import {
  constants,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzipSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { uncompressSnappy } from '../../common/wire/snappy-uncompress.ts'

export const compressions = ['identity', 'gzip', 'deflate', 'zstd', 'snappy'] as const
export type Compression = (typeof compressions)[number]

/** A frame may ask for a window of this size, 32 MiB; encoders take 8 unless told otherwise. */
const zstdParameters = { [constants.ZSTD_d_windowLogMax]: 25 }
const chunkSize = 64 * 1024

/**
 * The compression that a Content-Encoding header names.
 * @throws PgherdError UNSUPPORTED_ENCODING
 */
export function readCompression(contentEncoding: string | undefined): Compression {
  const name = contentEncoding?.trim().toLowerCase() ?? ''
  if (name === '') return 'identity'
  const known = compressions.find((compression) => compression === name)
  if (known !== undefined) return known
  throw new PgherdError(
    'UNSUPPORTED_ENCODING',
    `Content-Encoding "${name.slice(0, 64)}" is not supported; supported are ${compressions.join(', ')}`,
  )
}

/** The stream of zlib that takes a compression off. */
export function createDecompressor(compression: 'gzip' | 'deflate' | 'zstd'): NodeJS.ReadWriteStream & {
  destroy(error?: Error): unknown
} {
  if (compression === 'zstd') return createZstdDecompress({ chunkSize, params: zstdParameters })
  return compression === 'gzip' ? createGunzip({ chunkSize }) : createInflate({ chunkSize })
}

/**
 * A whole body without its compression.
 * @param reuse memory to decode snappy into when it is large enough; the answer is then a view of it
 * @throws PgherdError REQUEST_TOO_LARGE when it expands to more than `maxBytes`, BAD_DATA when it is damaged
 */
export function uncompress(
  body: Uint8Array,
  compression: Compression,
  maxBytes: number,
  reuse?: Uint8Array,
): Uint8Array {
  if (compression === 'snappy') return uncompressSnappy(body, maxBytes, reuse)
  if (compression === 'identity') {
    if (body.length > maxBytes) throw tooLarge(maxBytes)
    return body
  }
  const options = { maxOutputLength: maxBytes, chunkSize: Math.max(64, Math.min(maxBytes, 4 * chunkSize)) }
  try {
    if (compression === 'zstd') return zstdDecompressSync(body, { ...options, params: zstdParameters })
    return compression === 'gzip' ? gunzipSync(body, options) : inflateSync(body, options)
  } catch (error) {
    if (systemCodeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw damagedBody(compression, error)
  }
}

export function damagedBody(compression: Compression, error: unknown): PgherdError {
  return new PgherdError('BAD_DATA', `the body is not ${compression}: ${messageOf(error)}`, { cause: error })
}

function tooLarge(maxBytes: number): PgherdError {
  return new PgherdError('REQUEST_TOO_LARGE', `the body expands to more than ${maxBytes} bytes`)
}
