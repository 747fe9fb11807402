import type { FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { ErrorCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { givenUp } from './client-gone.ts'

/** Prometheus' names for what went wrong (web/api/v1: errorType); clients such as Grafana show them. */
const errorTypes: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_REQUEST: 'bad_data',
  BAD_DATA: 'bad_data',
  REQUEST_TOO_LARGE: 'bad_data',
  UNSUPPORTED_ENCODING: 'not_acceptable',
  QUERY_INVALID: 'bad_data',
  QUERY_FAILED: 'execution',
  QUERY_LIMIT: 'execution',
  NOT_FOUND: 'not_found',
  METHOD_NOT_ALLOWED: 'bad_data',
  NOT_SUPPORTED: 'unavailable',
  UNAUTHENTICATED: 'unauthorized',
  REFUSED: 'forbidden',
  TIMED_OUT: 'timeout',
  CANCELLED: 'canceled',
  OVERLOADED: 'too_many_requests',
  BUSY: 'unavailable',
  UNREACHABLE: 'unavailable',
  DISK_FULL: 'unavailable',
}

const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'REQUEST_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_ENCODING',
}

/** A retry earlier than this cannot help: what is full or busy now needs a moment. */
const retryAfterSeconds = 5

/**
 * Answers with an error of the catalogue in Prometheus' shape. A defect is logged with its cause, and the client
 * learns only that it happened.
 */
export function answerError(log: Log, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { error, text } = settleError(log, thrown, request, reply)
  void reply
    .header('content-type', 'application/json')
    .send(errorBody(errorTypes[error.code] ?? 'internal', text))
}

/** The same for what takes samples in: one line of text, as Prometheus and VictoriaMetrics answer there. */
export function answerTextError(
  log: Log,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { text } = settleError(log, thrown, request, reply)
  void reply.header('content-type', 'text/plain; charset=utf-8').send(`${text}\n`)
}

/** Sets the status, and says what may be told. */
function settleError(
  log: Log,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): { readonly error: PgherdError; readonly text: string } {
  const reason = givenUp(reply)
  const error = reason ?? ofTheCatalogue(thrown)
  if (reason?.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer realm="pgherd"')
  if (error.code === 'INTERNAL') {
    log.error({ err: thrown, method: request.method, route: request.routeOptions.url }, 'a request failed')
  }
  if (error.status === 429 || error.status === 503) void reply.header('retry-after', retryAfterSeconds)
  const text = error.code === 'INTERNAL' ? 'internal error, see the log of the collector' : error.message
  void reply.code(error.status)
  return { error, text }
}

/** The body of an error answer. */
export function errorBody(errorType: string, error: string): string {
  return JSON.stringify({ status: 'error', errorType, error })
}

function ofTheCatalogue(thrown: unknown): PgherdError {
  if (thrown instanceof PgherdError) return thrown
  const { code, statusCode } = thrown as { code?: unknown; statusCode?: unknown }
  const known = typeof code === 'string' ? fastifyCodes[code] : undefined
  if (known !== undefined) return new PgherdError(known, messageOf(thrown), { cause: thrown })
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new PgherdError('BAD_REQUEST', messageOf(thrown), { cause: thrown })
  }
  return new PgherdError('INTERNAL', messageOf(thrown), { cause: thrown })
}
