import type { FastifyRequest } from 'fastify'
import { PgherdError } from '../../common/errors.ts'

/**
 * Refuses what a page of another site sends through a person's browser: browsers put the page's origin into every
 * POST and every WebSocket handshake, and say of any request where it comes from (Sec-Fetch-Site); other clients send
 * neither.
 * @throws PgherdError REFUSED
 */
export function requireSameOrigin(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isForeign = site === 'cross-site' || site === 'same-site'
  if (!isForeign && (origin === undefined || isOwn(origin, request.host))) return
  throw new PgherdError(
    'REFUSED',
    `requests from the web page of ${(origin ?? 'another site').slice(0, 128)} are not accepted`,
  )
}

function isOwn(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host
}
