import { PgherdError } from '../../common/errors.ts'
import type { Compression } from './compression.ts'

export interface WriteHeaders {
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
}

/** Of a remote write request. */
export interface WriteFormat {
  readonly version: 1 | 2
  readonly compression: Extract<Compression, 'snappy' | 'zstd'>
}

/**
 * What a remote write request is, by its headers. Missing ones mean remote write 1.0 with snappy, because older
 * senders leave them out. Everything else than snappy and VictoriaMetrics' zstd is refused with 415, the answer
 * on which senders fall back.
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/#protocol
 * @throws PgherdError UNSUPPORTED_ENCODING
 */
export function readWriteFormat(headers: WriteHeaders): WriteFormat {
  return { version: readVersion(headers.contentType), compression: readCompression(headers.contentEncoding) }
}

function readCompression(contentEncoding: string | undefined): 'snappy' | 'zstd' {
  const encoding = contentEncoding?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'snappy') return 'snappy'
  if (encoding === 'zstd') return 'zstd'
  throw new PgherdError(
    'UNSUPPORTED_ENCODING',
    `Content-Encoding is "${encoding.slice(0, 64)}"; only snappy and zstd are supported`,
  )
}

function readVersion(contentType: string | undefined): 1 | 2 {
  if (contentType === undefined || contentType.trim() === '') return 1
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase())
  const message = parameters.find((parameter) => parameter.startsWith('proto='))
  if (type === 'application/x-protobuf') {
    if (message === undefined || message === 'proto=prometheus.writerequest') return 1
    if (message === 'proto=io.prometheus.write.v2.request') return 2
  }
  throw new PgherdError(
    'UNSUPPORTED_ENCODING',
    `Content-Type is "${contentType.slice(0, 128)}"; only application/x-protobuf with prometheus.WriteRequest or ` +
      'io.prometheus.write.v2.Request is supported',
  )
}

/**
 * The encoding of an OTLP request; without a content type it is protobuf.
 * @throws PgherdError UNSUPPORTED_ENCODING
 */
export function readOtlpContentType(contentType: string | undefined): OtlpContentType {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === '') return 'application/x-protobuf'
  const known = otlpContentTypes.find((one) => one === type)
  if (known !== undefined) return known
  throw new PgherdError(
    'UNSUPPORTED_ENCODING',
    `Content-Type is "${type.slice(0, 128)}"; OTLP is ${otlpContentTypes.join(' or ')}`,
  )
}

const otlpContentTypes = ['application/x-protobuf', 'application/json'] as const
export type OtlpContentType = (typeof otlpContentTypes)[number]
