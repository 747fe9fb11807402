import { PgherdError } from '../../common/errors.ts'

/**
 * Accepts remote write 1.0 with snappy and refuses everything else with 415, the answer on which newer senders
 * fall back: vmagent from zstd to snappy, Prometheus from remote write 2.0 to 1.0. A missing content type passes,
 * because older senders leave it out.
 * @throws PgherdError UNSUPPORTED_ENCODING
 */
export function requireSupported(headers: {
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
}): void {
  const encoding = headers.contentEncoding?.trim().toLowerCase()
  if (encoding !== 'snappy') {
    throw new PgherdError(
      'UNSUPPORTED_ENCODING',
      `Content-Encoding is ${encoding === undefined ? 'missing' : `"${encoding.slice(0, 64)}"`}; only snappy is supported`,
    )
  }
  if (headers.contentType === undefined) return
  const [type = '', ...parameters] = headers.contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const message = parameters.find((parameter) => parameter.startsWith('proto='))
  if (
    type !== 'application/x-protobuf' ||
    (message !== undefined && message !== 'proto=prometheus.writerequest')
  ) {
    throw new PgherdError(
      'UNSUPPORTED_ENCODING',
      `Content-Type is "${headers.contentType.slice(0, 128)}"; only application/x-protobuf with remote write 1.0's prometheus.WriteRequest is supported`,
    )
  }
}
