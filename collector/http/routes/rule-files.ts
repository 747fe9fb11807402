import type { FastifyInstance } from 'fastify'
import { checkRules, testRules } from '../../../common/alerts/rule-files.ts'
import type { ApiContext } from '../api-context.ts'
import { clientGone } from '../client-gone.ts'
import { readBody } from '../json-body.ts'
import { requireSameOrigin } from '../same-origin.ts'

/** Tests take computing time of the collector, so they are not for everybody who may look. */
const operator = { config: { role: 'operator' }, bodyLimit: 8 * 1024 * 1024 } as const

/** POST /api/v1/rules/check and /test: rule files and their unit tests are looked at, and nothing is put in force. */
export function addRuleFiles(app: FastifyInstance, { deps }: ApiContext): void {
  app.post('/api/v1/rules/check', operator, (request) => {
    requireSameOrigin(request)
    return { status: 'success', data: deps.ruleFiles.check(readBody(checkRules, request).files) }
  })
  app.post('/api/v1/rules/test', operator, async (request, reply) => {
    requireSameOrigin(request)
    const { files, tests } = readBody(testRules, request)
    return { status: 'success', data: await deps.ruleFiles.test(files, tests, clientGone(reply)) }
  })
}
