import type { FastifyInstance } from 'fastify'
import { watchdogDeed } from '../../../common/insight/watchdog.ts'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readInteger, readParameters } from '../request-parameters.ts'
import { readTime } from '../time-parameters.ts'

const numbers = { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }
const limits = { min: 1, max: 1_000, fallback: 50 }

/** GET /api/v1/watchdog: common/insight/watchdog-view.ts has the shape. */
export function addWatchdog(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/watchdog', { config: { role: 'viewer' } }, (request) => {
    const parameters = readParameters(request)
    const named = parameters.one('deed')
    const deed = named === undefined ? undefined : watchdogDeed.safeParse(named)
    if (deed?.success === false) {
      throw invalidParameter('deed', `allowed: ${watchdogDeed.options.join(', ')}`)
    }
    const data = deps.watchdog({
      cluster: parameters.one('cluster'),
      server: parameters.one('server'),
      deed: deed?.data,
      seq: readInteger(parameters, 'number', numbers),
      sinceMs: readTime(parameters, 'since', deps.clock.now(), 0),
      limit: readInteger(parameters, 'limit', limits),
    })
    return { status: 'success', data }
  })
}
