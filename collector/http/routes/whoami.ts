import type { FastifyInstance } from 'fastify'
import type { WhoAmI } from '../../../common/wire/whoami.ts'
import { PgherdError } from '../../../common/errors.ts'

/** GET /api/v1/whoami: common/wire/whoami.ts has the shape. */
export function addWhoAmI(app: FastifyInstance): void {
  app.get('/api/v1/whoami', { config: { role: 'viewer' } }, ({ principal }) => {
    if (principal === null || principal.kind === 'agent') {
      throw new PgherdError('REFUSED', 'this is for people, by their token')
    }
    const data: WhoAmI = { name: principal.kind === 'token' ? principal.name : null, role: principal.role }
    return { status: 'success', data }
  })
}
