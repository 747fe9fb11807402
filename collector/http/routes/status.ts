import type { FastifyInstance } from 'fastify'
import { stringify } from 'yaml'
import { nestOptions } from '../../../common/config/nest-options.ts'
import type { ApiContext } from '../api-context.ts'

/**
 * GET /api/v1/status/runtimeinfo, flags, config and walreplay in the shapes of Prometheus; of its Go runtime nothing is
 * said. `flags` are the options in effect, by their keys in the configuration file.
 */
export function addStatus(scope: FastifyInstance, { deps }: ApiContext): void {
  const { about } = deps
  const started = new Date(about.startedMs).toISOString()
  scope.get('/api/v1/status/runtimeinfo', () => ({
    status: 'success',
    data: {
      startTime: started,
      CWD: about.directory,
      serverTime: new Date(deps.clock.now()).toISOString(),
      reloadConfigSuccess: about.lastReload().succeeded,
      lastConfigTime: new Date(about.lastReload().succeededMs).toISOString(),
      corruptionCount: about.store().corruptions,
      storageRetention: about.retention,
    },
  }))
  scope.get('/api/v1/status/flags', () => ({ status: 'success', data: about.options }))
  scope.get('/api/v1/status/config', () => ({
    status: 'success',
    data: { yaml: stringify(nestOptions(about.options)) },
  }))
  // The log has been read before the server listens: there is nothing left to replay.
  scope.get('/api/v1/status/walreplay', () => ({
    status: 'success',
    data: { min: 0, max: 0, current: 0, state: 'done' },
  }))
}

/** GET /flags: the same options as VictoriaMetrics lists its flags. */
export function addFlags(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/flags', { config: { role: 'viewer' } }, (_request, reply) =>
    reply.type('text/plain').send(
      Object.entries(deps.about.options)
        .map(([key, value]) => `-${key}=${JSON.stringify(value)}\n`)
        .join(''),
    ),
  )
}
