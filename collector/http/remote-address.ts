import type { FastifyRequest } from 'fastify'

/** Where a request comes from; a Unix socket has no addresses. */
export function remoteAddressOf(request: FastifyRequest): string {
  return request.raw.socket.remoteAddress ?? 'local'
}
