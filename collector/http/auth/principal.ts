import type { FastifyRequest } from 'fastify'
import type { TokenRole } from '../../../common/wire/tokens.ts'

/** Who asks. */
export type Principal =
  | { readonly kind: 'token'; readonly name: string; readonly role: TokenRole }
  /** By its certificate. */
  | { readonly kind: 'agent'; readonly node: string; readonly serial: string }
  /** Nobody in particular, on the plain listener. */
  | { readonly kind: 'anonymous'; readonly role: TokenRole }

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on routes that are open to all. */
    principal: Principal | null
  }
}

/** How the audit names who asks. */
export function actorOf({ principal }: FastifyRequest): string {
  switch (principal?.kind) {
    case 'token':
      return principal.name
    case 'agent':
      return `agent ${principal.node}`
    default:
      return 'anonymous'
  }
}
