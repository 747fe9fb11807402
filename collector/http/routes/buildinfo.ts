import type { FastifyInstance } from 'fastify'
import { version } from '../../../common/version.ts'

/**
 * Grafana picks the calls it makes by this version: it is that of the Prometheus whose API this is, and without
 * a `features` object, which would make Grafana take us for a Mimir with a ruler to configure.
 */
const prometheusVersion = '3.0.0'

/** GET /api/v1/status/buildinfo */
export function addBuildinfo(scope: FastifyInstance): void {
  scope.get('/api/v1/status/buildinfo', () => ({
    status: 'success',
    data: {
      version: prometheusVersion,
      revision: '',
      branch: '',
      buildUser: '',
      buildDate: '',
      goVersion: '',
      pgherdVersion: version,
    },
  }))
}
