import { pipeline } from 'node:stream'
import { promisify } from 'node:util'
import {
  constants,
  createDeflate,
  createGzip,
  createZstdCompress,
  deflate,
  gzip,
  zstdCompress,
} from 'node:zlib'
import type { FastifyInstance } from 'fastify'

/** In the order of preference: what costs the server least for the same size comes first. */
const encodings = {
  zstd: {
    whole: promisify(zstdCompress),
    stream: () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  },
  gzip: { whole: promisify(gzip), stream: () => createGzip({ level: 1 }) },
  deflate: { whole: promisify(deflate), stream: () => createDeflate({ level: 1 }) },
} as const
export type Encoding = keyof typeof encodings

/** What is shorter fits into one packet anyway. */
const leastBytes = 1024

/**
 * Compresses answers for clients that accept it, in pieces as they are sent. Answers that are compressed already, and
 * parts of files, stay as they are.
 */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const size = typeof payload === 'string' || payload instanceof Uint8Array ? payload.length : Infinity
    if (payload === undefined || payload === null || size < leastBytes) return payload
    if (reply.hasHeader('content-encoding') || reply.hasHeader('content-range')) return payload
    void reply.header('vary', 'accept-encoding')
    const encoding = acceptedEncoding(request.headers['accept-encoding'])
    if (encoding === undefined || request.method === 'HEAD') return payload
    void reply.header('content-encoding', encoding).removeHeader('content-length')
    const { whole, stream } = encodings[encoding]
    if (typeof payload === 'string' || payload instanceof Uint8Array) return whole(payload)
    // Whatever ends early, the other end of the pipe is ended with it; the connection shows it.
    const compressed = stream()
    pipeline(payload as NodeJS.ReadableStream, compressed, () => undefined)
    return compressed
  })
}

/** The best of our encodings that an Accept-Encoding header allows (RFC 9110, 12.5.3), undefined for none. */
export function acceptedEncoding(header: string | undefined): Encoding | undefined {
  if (header === undefined) return undefined
  const weights = new Map<string, number>()
  for (const item of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)))
  }
  const names = Object.keys(encodings) as Encoding[]
  return names.find((name) => (weights.get(name) ?? weights.get('*') ?? 0) > 0)
}
