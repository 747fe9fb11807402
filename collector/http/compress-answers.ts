import { pipeline } from 'node:stream'
import {
  constants,
  createDeflate,
  createGzip,
  createZstdCompress,
  deflate,
  gzip,
  zstdCompress,
} from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** In the order of preference: what costs the server least for the same size comes first. */
const encodings = {
  zstd: {
    whole: zstdCompress,
    stream: () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  },
  gzip: { whole: gzip, stream: () => createGzip({ level: 1 }) },
  deflate: { whole: deflate, stream: () => createDeflate({ level: 1 }) },
} as const
export type Encoding = keyof typeof encodings

/** What is shorter fits into one packet anyway. */
const leastBytes = 1024

/**
 * Compresses answers for clients that accept it, in pieces as they are sent. Answers that are compressed already, and
 * parts of files, stay as they are.
 */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    const encoding = encodingFor(request, reply, payload)
    if (encoding === undefined) {
      done(null, payload)
      return
    }
    void reply.header('content-encoding', encoding).removeHeader('content-length')
    const { whole, stream } = encodings[encoding]
    if (typeof payload === 'string' || payload instanceof Uint8Array) {
      whole(payload, (error, compressed) => {
        if (error === null) done(null, compressed)
        else done(error)
      })
      return
    }
    // Whatever ends early, the other end of the pipe is ended with it; the connection shows it.
    const compressed = stream()
    pipeline(payload as NodeJS.ReadableStream, compressed, () => undefined)
    done(null, compressed)
  })
}

/** How an answer is to be compressed, undefined where it stays as it is. */
function encodingFor(request: FastifyRequest, reply: FastifyReply, payload: unknown): Encoding | undefined {
  const size = typeof payload === 'string' || payload instanceof Uint8Array ? payload.length : Infinity
  if (payload === undefined || payload === null || size < leastBytes) return undefined
  if (reply.hasHeader('content-encoding') || reply.hasHeader('content-range')) return undefined
  void reply.header('vary', 'accept-encoding')
  return request.method === 'HEAD' ? undefined : acceptedEncoding(request.headers['accept-encoding'])
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
