import type { FastifyInstance } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'

/** GET /api/v1/clusters and /api/v1/clusters/:cluster: common/health/cluster-view.ts has the shapes. */
export function addClusters(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/clusters', { config: { role: 'viewer' } }, () => ({
    status: 'success',
    data: deps.clusters.list(),
  }))
  app.get<{ Params: { cluster: string } }>(
    '/api/v1/clusters/:cluster',
    { config: { role: 'viewer' } },
    ({ params: { cluster } }) => {
      const data = deps.clusters.one(cluster)
      if (data === undefined) {
        throw new PgherdError('NOT_FOUND', `no agent reports of a cluster that is called "${cluster}"`)
      }
      return { status: 'success', data }
    },
  )
}
