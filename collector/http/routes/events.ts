import type { FastifyInstance } from 'fastify'
import type { ApiContext } from '../api-context.ts'
import { readEventFilter } from '../event-filter.ts'
import { readInteger, readParameters } from '../request-parameters.ts'
import { readTime } from '../time-parameters.ts'

const limits = { min: 1, max: 10_000, fallback: 100 }
const numbers = { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }

/** GET /api/v1/events: common/wire/events.ts has the shape. */
export function addEvents(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/events', { config: { role: 'viewer' } }, (request) => {
    const parameters = readParameters(request)
    const data = deps.events({
      ...readEventFilter(parameters),
      sinceMs: readTime(parameters, 'since', deps.clock.now(), 0),
      after: readInteger(parameters, 'after', numbers),
      limit: readInteger(parameters, 'limit', limits),
    })
    return { status: 'success', data }
  })
}
