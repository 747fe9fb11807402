import type { FastifyInstance } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { DdlRange } from '../../../common/insight/ddl-service.ts'
import { ddlChangeKinds } from '../../../common/insight/ddl-view.ts'
import type { DdlQuery } from '../../../common/insight/ddl-view.ts'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readInteger, readParameters, readWord } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import { readTime } from '../time-parameters.ts'

const limits = { min: 1, max: 5_000, fallback: 100 }
const stateLimits = { min: 1, max: 20_000, fallback: 1_000 }
const numbers = { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }

/** GET /api/v1/ddl and what is below it: common/insight/ddl-view.ts has the shapes. */
export function addDdl(app: FastifyInstance, { deps }: ApiContext): void {
  const config = { role: 'viewer' } as const
  app.get('/api/v1/ddl', { config }, (request) => ({
    status: 'success',
    data: deps.ddl.list(readQuery(readParameters(request), deps.clock.now())),
  }))
  app.get('/api/v1/ddl/state', { config }, (request) => {
    const parameters = readParameters(request)
    const object = parameters.one('object')
    const data = deps.ddl.state({
      ...readRange(parameters),
      ...(object === undefined ? {} : { object }),
      atMs: readTime(parameters, 'at', deps.clock.now(), deps.clock.now()),
      limit: readInteger(parameters, 'limit', stateLimits),
    })
    return { status: 'success', data: data ?? noHistory(parameters) }
  })
  app.get('/api/v1/ddl/diff', { config }, (request) => {
    const parameters = readParameters(request)
    const nowMs = deps.clock.now()
    const fromMs = readTime(parameters, 'from', nowMs)
    const toMs = readTime(parameters, 'to', nowMs, nowMs)
    if (fromMs > toMs) throw invalidParameter('to', 'it is before from')
    const data = deps.ddl.diff({ ...readRange(parameters), fromMs, toMs })
    return { status: 'success', data: data ?? noHistory(parameters) }
  })
  app.get<{ Params: { change: string } }>('/api/v1/ddl/:change', { config }, (request) => {
    const { change } = request.params
    const data = /^\d{1,15}$/.test(change) ? deps.ddl.one(Number(change)) : undefined
    if (data !== undefined) return { status: 'success', data }
    throw new PgherdError('NOT_FOUND', `no change of a schema has the number "${change.slice(0, 32)}"`)
  })
}

function readRange(parameters: RequestParameters): DdlRange {
  const cluster = parameters.one('cluster')
  const database = parameters.one('database')
  if (cluster === undefined) throw invalidParameter('cluster', 'it is missing')
  return { cluster, ...(database === undefined ? {} : { database }) }
}

function noHistory(parameters: RequestParameters): never {
  const { cluster, database } = readRange(parameters)
  const where = database === undefined ? `cluster ${cluster}` : `database ${database} of cluster ${cluster}`
  throw new PgherdError('NOT_FOUND', `no agent has told of the schema of ${where}`)
}

function readQuery(parameters: RequestParameters, nowMs: number): DdlQuery {
  const given = (name: 'cluster' | 'database' | 'kind' | 'object' | 'actor') => {
    const text = parameters.one(name)
    return text === undefined ? {} : { [name]: text }
  }
  const changes = parameters
    .all('change')
    .filter((text) => text !== '')
    .map((text) => readWord('change', text, ddlChangeKinds))
  const under = readInteger(parameters, 'under', numbers)
  return {
    ...{ ...given('cluster'), ...given('database'), ...given('kind'), ...given('object'), ...given('actor') },
    ...(changes.length === 0 ? {} : { changes }),
    ...(under === 0 ? {} : { under }),
    sinceMs: readTime(parameters, 'since', nowMs, 0),
    untilMs: readTime(parameters, 'until', nowMs, Number.MAX_SAFE_INTEGER),
    after: readInteger(parameters, 'after', numbers),
    limit: readInteger(parameters, 'limit', limits),
  }
}
