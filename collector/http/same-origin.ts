import type { FastifyRequest } from 'fastify'
import { PgherdError } from '../../common/errors.ts'

/**
 * Refuses what a page of another site sends through a person's browser: browsers put the page's origin into every
 * POST and every WebSocket handshake, other clients send none.
 * @throws PgherdError REFUSED
 */
export function requireSameOrigin(request: FastifyRequest): void {
  const origin = request.headers.origin
  if (origin === undefined) return
  if (URL.canParse(origin) && new URL(origin).host === request.host) return
  throw new PgherdError('REFUSED', `requests from the web page of ${origin.slice(0, 128)} are not accepted`)
}
