import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { remoteAddressOf } from '../remote-address.ts'
import type { Failure } from './authenticate.ts'
import { createFailureLimit } from './failure-limit.ts'

/** Reasons for which a request is refused, as the metric has them. */
export type RefusedReason = Failure['reason'] | 'join-token' | 'forbidden' | 'limited'

/** Counts, logs and slows down those who fail to say who they are. */
export interface Refusals {
  /** @returns UNAUTHENTICATED, or OVERLOADED for one who has failed too often */
  unauthenticated(
    request: FastifyRequest,
    failure: { readonly reason: RefusedReason; readonly message: string },
  ): PgherdError
  forbidden(message: string): PgherdError
  /** Of one who was allowed to when it began. @returns UNAUTHENTICATED */
  ended(request: FastifyRequest, failure: Failure): PgherdError
}

export function createRefusals({
  clock,
  log,
  onRefused,
}: {
  readonly clock: Clock
  readonly log: Log
  readonly onRefused: (reason: RefusedReason) => void
}): Refusals {
  const limit = createFailureLimit(clock)
  return {
    unauthenticated(request, { reason, message }) {
      onRefused(reason)
      // Who sends nothing guesses nothing.
      if (reason === 'missing') return new PgherdError('UNAUTHENTICATED', message)
      const address = remoteAddressOf(request)
      if (!limit.note(address)) {
        onRefused('limited')
        return new PgherdError('OVERLOADED', `too many failed attempts from ${address}: wait a moment`)
      }
      log.warn({ remoteAddress: address, reason, route: request.routeOptions.url }, 'auth: refused')
      return new PgherdError('UNAUTHENTICATED', message)
    },
    forbidden(message) {
      onRefused('forbidden')
      return new PgherdError('REFUSED', message)
    },
    ended(request, { reason, message }) {
      onRefused(reason)
      const remoteAddress = remoteAddressOf(request)
      log.info({ remoteAddress, reason, route: request.routeOptions.url }, 'auth: ended what was under way')
      return new PgherdError('UNAUTHENTICATED', message)
    },
  }
}
