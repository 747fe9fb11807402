import type { FastifyInstance } from 'fastify'
import { backupOperations } from '../../../common/backup/backup-view.ts'
import type { RunQuery } from '../../../common/backup/backup-view.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { readInteger, readParameters, readWord } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'

const limits = { min: 1, max: 5_000, fallback: 50 }

/** GET /api/v1/backups and /api/v1/backups/:cluster: common/backup/backup-view.ts has the shapes. */
export function addBackups(app: FastifyInstance, { deps }: ApiContext): void {
  app.get('/api/v1/backups', { config: { role: 'viewer' } }, (request) => ({
    status: 'success',
    data: deps.backups.list(readQuery(readParameters(request))),
  }))
  app.get<{ Params: { cluster: string } }>(
    '/api/v1/backups/:cluster',
    { config: { role: 'viewer' } },
    (request) => {
      const { cluster } = request.params
      const data = deps.backups.one(cluster, readQuery(readParameters(request)))
      if (data === undefined) {
        throw new PgherdError(
          'NOT_FOUND',
          `no agent reports of backups of a cluster that is called "${cluster}"`,
        )
      }
      return { status: 'success', data }
    },
  )
}

function readQuery(parameters: RequestParameters): RunQuery {
  const operations = parameters
    .all('operation')
    .filter((text) => text !== '')
    .map((text) => readWord('operation', text, backupOperations))
  return {
    limit: readInteger(parameters, 'limit', limits),
    ...(operations.length === 0 ? {} : { operations }),
  }
}
