import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseMatcher } from '../../../common/alerts/matcher-text.ts'
import { postableSilence } from '../../../common/alerts/silence.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { actorOf } from '../auth/principal.ts'
import { clientGone } from '../client-gone.ts'
import { readBody } from '../json-body.ts'
import { readParameters } from '../request-parameters.ts'
import { requireSameOrigin } from '../same-origin.ts'

const viewer = { config: { role: 'viewer' } } as const
const operator = { config: { role: 'operator' } } as const

type OneSilence = FastifyRequest<{ Params: { id: string } }>

/**
 * Silences as Alertmanager's API v2 has them, so that amtool and Grafana can be pointed here: answers are the bare lists
 * and objects of that API. Errors are those of the rest of ours.
 */
export function addSilences(app: FastifyInstance, { deps }: ApiContext): void {
  const { silences } = deps
  app.get('/api/v2/silences', viewer, async (request, reply) => {
    const filters = readParameters(request).all('filter').map(parseMatcher)
    return silences.list(filters, clientGone(reply))
  })
  app.get('/api/v2/silence/:id', viewer, async ({ params: { id } }: OneSilence, reply) => {
    const found = await silences.one(id, clientGone(reply))
    if (found === undefined) throw new PgherdError('NOT_FOUND', `there is no silence "${id.slice(0, 100)}"`)
    return found
  })
  app.post('/api/v2/silences', operator, async (request, reply) => {
    requireSameOrigin(request)
    const silence = readBody(postableSilence, request)
    return { silenceID: await silences.set(silence, actorOf(request), clientGone(reply)) }
  })
  app.delete('/api/v2/silence/:id', operator, async (request: OneSilence, reply) => {
    requireSameOrigin(request)
    await silences.end(request.params.id, actorOf(request), clientGone(reply))
    return reply.code(200).send()
  })
}
