import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readFlag, readParameters } from '../request-parameters.ts'
import { requireAdministration } from '../require-store.ts'
import { requireSameOrigin } from '../same-origin.ts'
import { remoteAddressOf } from '../remote-address.ts'

/**
 * Snapshots as Prometheus makes them (POST and PUT /api/v1/admin/tsdb/snapshot) and as VictoriaMetrics does
 * (/snapshot/create, list, delete, delete_all). Deleting takes POST only; making one takes GET as well, which
 * VictoriaMetrics' tools send, unless a page of another site does.
 */
export function addSnapshots(scope: FastifyInstance, { deps }: ApiContext): void {
  const create = async (request: FastifyRequest): Promise<string> => {
    requireSameOrigin(request)
    const { name } = await requireAdministration(deps).createSnapshot()
    deps.log.info({ snapshot: name, from: remoteAddressOf(request) }, 'snapshot made')
    return name
  }
  const ofPrometheus = async (request: FastifyRequest): Promise<unknown> => {
    // Prometheus can leave its head out; ours is always part of a snapshot.
    if (readFlag(readParameters(request), 'skip_head')) {
      throw invalidParameter('skip_head', 'a snapshot always holds everything that was acknowledged')
    }
    return { status: 'success', data: { name: await create(request) } }
  }
  scope.post('/api/v1/admin/tsdb/snapshot', ofPrometheus)
  scope.put('/api/v1/admin/tsdb/snapshot', ofPrometheus)

  const ofVictoriaMetrics = async (request: FastifyRequest): Promise<unknown> => ({
    status: 'ok',
    snapshot: await create(request),
  })
  scope.get('/snapshot/create', { exposeHeadRoute: false }, ofVictoriaMetrics)
  scope.post('/snapshot/create', ofVictoriaMetrics)
  scope.get('/snapshot/list', async () => ({
    status: 'ok',
    snapshots: (await requireAdministration(deps).listSnapshots()).map(({ name }) => name),
  }))
  scope.post('/snapshot/delete', async (request, reply) => {
    requireSameOrigin(request)
    const name = readParameters(request).one('snapshot')
    if (name === undefined) throw invalidParameter('snapshot', 'the name of a snapshot is required')
    try {
      await requireAdministration(deps).deleteSnapshot(name)
    } catch (error) {
      if (!(error instanceof PgherdError) || error.code !== 'NOT_FOUND') throw error
      return sayUnknown(reply, name)
    }
    return { status: 'ok' }
  })
  scope.post('/snapshot/delete_all', async (request) => {
    requireSameOrigin(request)
    const administration = requireAdministration(deps)
    for (const { name } of await administration.listSnapshots()) await administration.deleteSnapshot(name)
    return { status: 'ok' }
  })
}

function sayUnknown(reply: FastifyReply, name: string): FastifyReply {
  return reply.code(404).send({ status: 'error', msg: `cannot find snapshot "${name.slice(0, 128)}"` })
}
