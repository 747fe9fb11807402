import type { FastifyInstance } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { readInteger, readParameters } from '../request-parameters.ts'

const fromTheStart = { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }
const limits = { min: 1, max: 10_000, fallback: 1_000 }

/** GET /api/v1/audit?chain=&after=&limit=: entries of a chain in order, and which chains there are. */
export function addAudit(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/audit', { config: { role: 'viewer' } }, async (request) => {
    const parameters = readParameters(request)
    const chain = parameters.one('chain') ?? 'collector'
    const after = readInteger(parameters, 'after', fromTheStart)
    const entries = await deps.audit.read(chain, after, readInteger(parameters, 'limit', limits))
    if (entries === undefined) {
      throw new PgherdError('NOT_FOUND', `there is no audit of "${chain.slice(0, 128)}"`)
    }
    return {
      status: 'success',
      data: { chains: deps.audit.chains(), entries, newest: deps.audit.newest(chain) },
    }
  })
}
