import type { FastifyInstance } from 'fastify'
import { indexFindings } from '../../../common/insight/index-view.ts'
import type { IndexQuery } from '../../../common/insight/index-view.ts'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readParameters, readWord } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'

const mostDays = 400

/** GET /api/v1/indexes and /api/v1/indexes/saved: common/insight/index-view.ts and saved-index.ts have the shapes. */
export function addIndexes(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/indexes', { config: { role: 'viewer' } }, (request) => ({
    status: 'success',
    data: deps.indexes.list(readQuery(readParameters(request))),
  }))
  app.get('/api/v1/indexes/saved', { config: { role: 'viewer' } }, (request) => {
    const cluster = readParameters(request).one('cluster')
    if (cluster === undefined)
      throw invalidParameter('cluster', 'it is missing; allowed: the name of a cluster')
    return { status: 'success', data: deps.savedIndexes(cluster) }
  })
}

function readQuery(parameters: RequestParameters): IndexQuery {
  const cluster = parameters.one('cluster')
  const database = parameters.one('database')
  const name = parameters.one('name')
  const named = parameters.one('finding')
  const finding = named === undefined ? undefined : readWord('finding', named, indexFindings)
  const days = readDays(parameters.one('days'))
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(database === undefined ? {} : { database }),
    ...(name === undefined ? {} : { name }),
    ...(finding === undefined ? {} : { finding }),
    ...(days === undefined ? {} : { days }),
  }
}

function readDays(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const days = /^\d{1,3}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
  if (days > 0 && days <= mostDays) return days
  throw invalidParameter('days', `"${text.slice(0, 64)}" is no number of days above 0 and up to ${mostDays}`)
}
