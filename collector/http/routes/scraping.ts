import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/**
 * What Prometheus says of its scraping, exemplars and notices. The collector scrapes nothing (agents push), keeps no
 * exemplars and has no notices, so these are empty lists in the right shape, which clients show as such.
 */
export function addScraping(scope: FastifyInstance, { deps }: ApiContext): void {
  const empty: Readonly<Record<string, unknown>> = {
    '/api/v1/targets': { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} },
    '/api/v1/scrape_pools': { scrapePools: [] },
    '/api/v1/targets/metadata': [],
    '/api/v1/notifications': [],
    '/api/v1/query_exemplars': [],
  }
  for (const [path, data] of Object.entries(empty)) scope.get(path, () => ({ status: 'success', data }))
  scope.post('/api/v1/query_exemplars', () => ({ status: 'success', data: [] }))
  scope.get('/api/v1/alertmanagers', () => ({
    status: 'success',
    data: {
      activeAlertmanagers: deps.about.alertmanagers.map((url) => ({ url })),
      droppedAlertmanagers: [],
    },
  }))
}
