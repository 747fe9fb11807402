import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'

/**
 * GET /api/v1/alerts: every pending and firing alert; also where VictoriaMetrics and vmalert have it, as are the
 * Alertmanagers that alerts are sent to.
 */
export function addAlerts(scope: FastifyInstance, { deps }: ApiContext): void {
  const alerts = (): unknown => ({ status: 'success', data: { alerts: deps.alerts() } })
  for (const path of ['/api/v1/alerts', '/alerts', '/vmalert/api/v1/alerts', '/vmalert/alerts']) {
    scope.get(path, alerts)
  }
  const notifiers = (): unknown => {
    const targets = deps.about.alertmanagers.map((address) => ({ address, labels: {} }))
    return {
      status: 'success',
      data: { notifiers: targets.length === 0 ? [] : [{ kind: 'static', targets }] },
    }
  }
  for (const path of ['/api/v1/notifiers', '/notifiers', '/vmalert/api/v1/notifiers'])
    scope.get(path, notifiers)
}
