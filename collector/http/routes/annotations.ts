import type { FastifyInstance } from 'fastify'
import type { FleetEvent } from '../../../common/wire/events.ts'
import type { ApiContext } from '../api-context.ts'
import { readEventFilter } from '../event-filter.ts'
import { readInteger, readParameters } from '../request-parameters.ts'
import { readTime } from '../time-parameters.ts'

/**
 * An event as Grafana draws it (grafana.com/docs/grafana/latest/developers/http_api/annotations): `time` in milliseconds since the epoch.
 */
interface Annotation {
  readonly time: number
  readonly title: string
  readonly text: string
  readonly tags: readonly string[]
}

const limits = { min: 1, max: 10_000, fallback: 1_000 }

/** GET /api/v1/annotations: events between two times as a bare list, for a data source of Grafana that reads JSON. */
export function addAnnotations(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/annotations', { config: { role: 'viewer' } }, (request): readonly Annotation[] => {
    const parameters = readParameters(request)
    const nowMs = deps.clock.now()
    return deps
      .events({
        ...readEventFilter(parameters),
        untilMs: readTime(parameters, 'to', nowMs, nowMs),
        sinceMs: readTime(parameters, 'from', nowMs, 0),
        limit: readInteger(parameters, 'limit', limits),
      })
      .map(annotationOf)
  })
}

function annotationOf({ atMs, type, node, cluster, text }: FleetEvent): Annotation {
  return {
    time: atMs,
    title: type,
    text: node === '' ? text : `${node} ${text}`,
    tags: [type, cluster, node].filter((tag) => tag !== ''),
  }
}
