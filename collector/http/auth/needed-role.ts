import type { TokenRole } from '../../../common/wire/tokens.ts'
import type { Principal } from './principal.ts'

/**
 * Who may use a route: everybody, holders of a token with this role, or agents for themselves. Writers only write:
 * a sender's token on many machines must not read what the fleet does.
 */
export type NeededRole = 'open' | TokenRole | 'agent'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route without one answers nobody. */
    role?: NeededRole
    /** Agents may use the route as well, by their certificates. */
    agents?: boolean
  }
}

const includes: Readonly<Record<TokenRole, readonly NeededRole[]>> = {
  viewer: ['viewer'],
  writer: ['writer'],
  operator: ['viewer', 'operator'],
  admin: ['viewer', 'writer', 'operator', 'admin'],
}

export function isAllowed(
  principal: Principal,
  { role, agents }: { readonly role: NeededRole; readonly agents: boolean },
): boolean {
  switch (principal.kind) {
    case 'agent':
      return role === 'agent' || agents
    case 'token':
      return includes[principal.role].includes(role)
    case 'anonymous':
      // For a trial on one machine agents need no certificates.
      return includes[principal.role].includes(role) || (role === 'agent' && principal.role === 'admin')
  }
}

/** What is missing, as a sentence. */
export function describeRefusal(principal: Principal, role: NeededRole | undefined): string {
  const needed =
    role === undefined
      ? 'this is for nobody'
      : role === 'agent'
        ? "this is for agents, by their node's certificate"
        : `this needs the role ${role}`
  return `${needed}; ${describe(principal)}`
}

function describe(principal: Principal): string {
  switch (principal.kind) {
    case 'agent':
      return `${principal.node} is an agent`
    case 'token':
      return `the token ${principal.name} has the role ${principal.role}`
    case 'anonymous':
      return `without a token the role is ${principal.role}`
  }
}
