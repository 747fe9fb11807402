import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../../common/clock.ts'
import type { AuthService } from './auth-service.ts'
import { peerOf } from './peer-certificate.ts'
import type { Principal } from './principal.ts'
import { tokenOf } from './read-credentials.ts'

export type FailureReason = 'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked' | 'certificate'

export interface Failure {
  readonly reason: FailureReason
  /** A sentence for whoever asked. */
  readonly message: string
}

const tokenProblems = {
  unknown: 'the token is not known here',
  expired: 'the token has expired',
  revoked: 'the token has been revoked',
} as const

const certificateProblems = {
  unknown: 'the certificate is of the fleet, and not one that this collector has given: join again',
  expired: 'the certificate has expired: join again',
  revoked: 'the certificate has been revoked',
} as const

/**
 * Who sends a request: the holder of its token, else the agent whose certificate the connection has, else nobody in
 * particular. A token that is wrong is not made good by anything else.
 */
export function authenticate(
  request: Pick<FastifyRequest, 'headers' | 'raw'>,
  auth: AuthService,
  clock: Clock,
): Principal | Failure {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const token = tokenOf(authorization)
    if (token === undefined) {
      return {
        reason: 'malformed',
        message: 'the Authorization header has to be "Bearer <token>", or Basic with the token as password',
      }
    }
    const checked = auth.checkToken(token)
    if ('refused' in checked) return { reason: checked.refused, message: tokenProblems[checked.refused] }
    return { kind: 'token', name: checked.name, role: checked.role }
  }
  const { socket } = request.raw
  const peer = peerOf(socket)
  if (peer !== undefined) {
    if ('problem' in peer) return { reason: 'certificate', message: peer.problem }
    const problem = certificateProblem(peer, auth, clock)
    if (problem !== undefined) return { reason: 'certificate', message: problem }
    return { kind: 'agent', node: peer.node, serial: peer.serial }
  }
  // A socket that a test makes up has no such property.
  const isPlain = !('encrypted' in socket)
  if (isPlain && auth.anonymousRole !== undefined) return { kind: 'anonymous', role: auth.anonymousRole }
  return { reason: 'missing', message: 'a token is needed: Authorization: Bearer <token>' }
}

/** A connection may be older than the end of its certificate. */
function certificateProblem(
  peer: { readonly node: string; readonly serial: string; readonly fromMs: number; readonly toMs: number },
  auth: AuthService,
  clock: Clock,
): string | undefined {
  const nowMs = clock.now()
  if (nowMs < peer.fromMs)
    return 'the certificate is not valid yet: does the clock of this collector go right?'
  const problem = nowMs > peer.toMs ? 'expired' : auth.certificateProblem(peer.node, peer.serial)
  return problem === undefined ? undefined : certificateProblems[problem]
}
