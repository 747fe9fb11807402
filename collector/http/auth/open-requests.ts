import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../../common/clock.ts'
import type { AuthService } from './auth-service.ts'
import { authenticate } from './authenticate.ts'
import type { Failure } from './authenticate.ts'

/** How long something may go on after its token or certificate has expired, or was revoked by another process. */
const lookEveryMs = 1_000

/** What is under way for somebody: long polls, exports, queries, channels. */
export interface OpenRequests {
  /**
   * @param end is called when whoever has sent the request may not send it any longer, and again at each look until
   * the watch has ended
   * @returns ends the watch
   */
  watch(request: FastifyRequest, end: (failure: Failure) => void): () => void
  readonly size: number
}

/**
 * Looks again and again who has sent what is still under way: at each revocation at once, and every second.
 * @param signal ends it
 */
export function createOpenRequests(
  { auth, clock }: { readonly auth: AuthService; readonly clock: Clock },
  signal: AbortSignal,
): OpenRequests {
  const open = new Map<FastifyRequest, (failure: Failure) => void>()
  const problemOf = (request: FastifyRequest): Failure | undefined => {
    try {
      const still = authenticate(request, auth, clock)
      return 'reason' in still ? still : undefined
    } catch {
      // The fleet's state cannot be read: whoever asks anew is told so.
      return undefined
    }
  }
  const look = (): void => {
    for (const [request, end] of open) {
      const failure = problemOf(request)
      if (failure !== undefined) end(failure)
    }
  }
  const lookForEver = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(lookEveryMs, signal)
      if (signal.aborted) return
      look()
    }
  }
  auth.onRevoked(look)
  void lookForEver()
  return {
    watch(request, end) {
      open.set(request, end)
      return () => void open.delete(request)
    },
    get size() {
      return open.size
    },
  }
}
