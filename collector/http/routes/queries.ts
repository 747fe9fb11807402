import type { FastifyInstance } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import { querySorts } from '../../../common/insight/queries-view.ts'
import type { QueryFilter, QuerySort, TimeSpan } from '../../../common/insight/queries-view.ts'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { invalidParameter, readInteger, readParameters, readWord } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import { readTime } from '../time-parameters.ts'

const limits = { min: 1, max: 200, fallback: 20 }
const hourMs = 3_600_000
const shortestMs = 10_000
const longestMs = 400 * 24 * hourMs
const mostTexts = 500

/** GET /api/v1/queries and what is below it: common/insight/queries-view.ts has the shapes. */
export function addQueries(app: FastifyInstance, context: ApiContext): void {
  const { deps } = context
  const config = { role: 'viewer' } as const
  app.get('/api/v1/queries', { config }, async (request, reply) => {
    const parameters = readParameters(request)
    const asked = {
      ...readFilter(parameters),
      ...readSpan(parameters, deps.clock.now()),
      ...readList(parameters),
    }
    const data = await askStore(context, reply, (signal) => deps.queries.top(asked, signal))
    return { status: 'success', data }
  })
  app.get('/api/v1/queries/compare', { config }, async (request, reply) => {
    const parameters = readParameters(request)
    const nowMs = deps.clock.now()
    const after = readSpan(parameters, nowMs)
    const asked = {
      ...readFilter(parameters),
      ...readList(parameters),
      after,
      before: readSpan(parameters, nowMs, { prefix: 'before_', endMs: after.startMs }),
    }
    const data = await askStore(context, reply, (signal) => deps.queries.compare(asked, signal))
    return { status: 'success', data }
  })
  app.get('/api/v1/queries/texts', { config }, (request) => {
    const parameters = readParameters(request)
    const queries = parameters.all('query')
    if (queries.length > mostTexts) {
      throw invalidParameter('query', `${queries.length} are more than ${mostTexts}`)
    }
    return { status: 'success', data: deps.queries.texts(readFilter(parameters), queries) }
  })
  app.get<{ Params: { query: string } }>('/api/v1/queries/:query', { config }, async (request, reply) => {
    const parameters = readParameters(request)
    const { query } = request.params
    if (!/^-?\d{1,20}$/.test(query)) {
      throw invalidParameter('query', `"${query.slice(0, 64)}" is no queryid, which is a whole number`)
    }
    const asked = { query, ...readFilter(parameters), ...readSpan(parameters, deps.clock.now()) }
    const data = await askStore(context, reply, (signal) => deps.queries.one(asked, signal))
    if (data.found.length === 0) {
      throw new PgherdError('NOT_FOUND', `no statement ${query} is known there`)
    }
    return { status: 'success', data }
  })
}

function readFilter(parameters: RequestParameters): QueryFilter {
  return {
    cluster: parameters.one('cluster'),
    server: parameters.one('server'),
    datname: parameters.one('datname'),
  }
}

/** The hour until now where nothing is said, or as long before an end. */
function readSpan(
  parameters: RequestParameters,
  nowMs: number,
  usual: { readonly prefix: string; readonly endMs: number } = { prefix: '', endMs: nowMs },
): TimeSpan {
  const { prefix } = usual
  const endMs = readTime(parameters, `${prefix}end`, nowMs, usual.endMs)
  const startMs = readTime(parameters, `${prefix}start`, nowMs, endMs - hourMs)
  if (endMs - startMs < shortestMs) {
    throw invalidParameter(`${prefix}end`, 'it must be at least 10 s behind the start')
  }
  if (endMs - startMs > longestMs) throw invalidParameter(`${prefix}start`, 'a range has at most 400 days')
  return { startMs, endMs }
}

function readList(parameters: RequestParameters): { readonly sort: QuerySort; readonly limit: number } {
  const sort = readWord('sort', parameters.one('sort') ?? 'time', querySorts)
  return { sort, limit: readInteger(parameters, 'limit', limits) }
}
