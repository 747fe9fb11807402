import type { FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../common/errors.ts'
import type { ApiContext } from './api-context.ts'
import { clientGone } from './client-gone.ts'
import { encodeAnswer } from './encode-answer.ts'
import { readExtraFilters } from './extra-filters.ts'
import { limitAnswer } from './limit-answer.ts'
import type { QueryAnswer, QueryOptions, QueryValue } from './query-service.ts'
import { invalidParameter, readInteger, readLimit } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'
import { roundValue } from './round-value.ts'
import { runQuery } from './run-query.ts'
import { sendChunks } from './send-chunks.ts'
import { readDuration } from './time-parameters.ts'
import { remoteAddressOf } from './remote-address.ts'

export interface QueryTimes {
  readonly startMs: number
  readonly endMs: number
  /** 0 for an instant query. */
  readonly stepMs: number
}

/** What a label set weighs in the budget of answers, in samples of 16 bytes. */
export const samplesPerSeries = 16

/** Runs the query that the parameters describe, in its turn, and sends the answer as its reader takes it. */
export async function answerQuery(
  exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  parameters: RequestParameters,
  context: ApiContext,
  times: QueryTimes,
  run: (text: string, options: QueryOptions) => Promise<QueryAnswer>,
): Promise<FastifyReply> {
  const { deps, limits, gate, queryLog, budget } = context
  const { request, reply } = exchange
  const asked = parameters.one('query')
  if (asked === undefined) throw invalidParameter('query', 'an expression is required')
  const limit = readLimit(parameters)
  const digits = readInteger(parameters, 'round_digits', { min: -1000, max: 1000, fallback: 1000 })
  const timeoutMs = Math.min(
    readDuration(parameters, 'timeout', limits.queryTimeoutMs),
    limits.queryTimeoutMs,
  )
  if (timeoutMs <= 0) throw new PgherdError('TIMED_OUT', 'query timed out in query execution')
  const lookbackMs = readLookback(parameters)
  const filters = readExtraFilters(parameters, context)
  budget.requireRoom()

  const askedAt = deps.clock.monotonic()
  let startedAt = askedAt
  const result = await runQuery(
    { clock: deps.clock, gate, gone: clientGone(reply), timeoutMs },
    async (options) => {
      startedAt = deps.clock.monotonic()
      const end = queryLog.begin({ text: asked, ...times, remoteAddress: remoteAddressOf(request) })
      try {
        const text = filters.length === 0 ? asked : deps.language.addFilters(asked, filters)
        return await run(text, { ...options, ...(lookbackMs === undefined ? {} : { lookbackMs }) })
      } finally {
        end()
      }
    },
  )
  const endedAt = deps.clock.monotonic()
  const value = roundValue(result.value, digits)
  budget.take(reply, samplesIn(value))
  const wantsStats = parameters.one('stats') !== undefined
  return sendChunks(
    reply,
    encodeAnswer(limitAnswer({ ...result, value }, limit), {
      queueMs: startedAt - askedAt,
      evaluationMs: endedAt - startedAt,
      wantsStats,
    }),
  )
}

function readLookback(parameters: RequestParameters): number | undefined {
  for (const name of ['lookback_delta', 'max_lookback']) {
    if (parameters.one(name) === undefined) continue
    const lookbackMs = readDuration(parameters, name)
    if (lookbackMs > 0) return lookbackMs
    if (lookbackMs < 0) throw invalidParameter(name, 'it must not be negative')
  }
  return undefined
}

function samplesIn(value: QueryValue): number {
  switch (value.kind) {
    case 'scalar':
    case 'string':
      return 1
    case 'vector':
      return value.samples.length * samplesPerSeries
    case 'matrix': {
      let count = value.series.length * samplesPerSeries
      for (const { timestamps } of value.series) count += timestamps.length
      return count
    }
  }
}
