import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { splitUrl } from './split-url.ts'

/**
 * Lets a route be for people's browsers alone, as `constraints: { reader: 'browser' }`: /alerts is a page to them and
 * VictoriaMetrics' JSON to everybody else, and to everybody under a prefix. A browser that asks for a page names
 * text/html in its Accept header.
 */
export function addReaderConstraint(app: FastifyInstance): void {
  app.addConstraintStrategy({
    name: 'reader',
    storage: () => {
      // The router's own; it says nowhere what they are.
      const handlers = new Map<unknown, unknown>()
      return {
        get: (reader) => (handlers.get(reader) ?? null) as never,
        set: (reader, handler) => {
          handlers.set(reader, handler)
        },
      }
    },
    deriveConstraint: readerOf,
  })
}

/** Fastify keeps the target as it came beside the one that is routed. */
function readerOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  const original = request.originalUrl ?? request.url ?? '/'
  const wantsPage = /\btext\/html\b/i.test(request.headers.accept ?? '')
  return wantsPage && splitUrl(original).prefix === '' ? 'browser' : 'program'
}
