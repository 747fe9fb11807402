import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { PgherdError } from '../../common/errors.ts'

const endings = new WeakMap<ServerResponse, AbortController>()

function endingOf({ raw }: FastifyReply): AbortController {
  const known = endings.get(raw)
  if (known !== undefined) return known
  const ending = new AbortController()
  endings.set(raw, ending)
  const check = (): void => {
    if (!raw.writableFinished) ending.abort()
  }
  if (raw.destroyed) check()
  else raw.once('close', check)
  return ending
}

/**
 * Aborts when the connection closes before the answer is out, or the request is given up. It looks at the response: a
 * request "closes" as soon as its body has been read, so that Fastify's own request.signal would cancel every POST.
 */
export function clientGone(reply: FastifyReply): AbortSignal {
  return endingOf(reply).signal
}

/** Ends what is done for a request; the error is its answer when what is done ends by it. */
export function giveUp(reply: FastifyReply, error: PgherdError): void {
  endingOf(reply).abort(error)
}

/** Why a request was given up, if it was. */
export function givenUp({ raw }: FastifyReply): PgherdError | undefined {
  const reason: unknown = endings.get(raw)?.signal.reason
  return reason instanceof PgherdError ? reason : undefined
}
