import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { ApiContext } from '../api-context.ts'
import { invalidParameter, readParameters } from '../request-parameters.ts'

/**
 * What editors ask about an expression: /api/v1/format_query and parse_query of Prometheus, /prettify-query and
 * /expand-with-exprs of VictoriaMetrics.
 */
export function addLanguage(scope: FastifyInstance, { deps }: ApiContext): void {
  const format = (request: FastifyRequest): unknown => ({
    status: 'success',
    data: understood(request, (text) => deps.language.format(text)),
  })
  const parse = (request: FastifyRequest): unknown => ({
    status: 'success',
    data: understood(request, (text) => deps.language.describe(text)),
  })
  const prettify = (request: FastifyRequest): unknown => ({
    status: 'success',
    query: understood(request, (text) => deps.language.format(text)),
  })
  const expand = (request: FastifyRequest): unknown => ({
    status: 'success',
    expr: understood(request, (text) => deps.language.format(text)),
  })
  for (const [path, answer] of [
    ['/api/v1/format_query', format],
    ['/api/v1/parse_query', parse],
    ['/prettify-query', prettify],
    ['/expand-with-exprs', expand],
  ] as const) {
    scope.get(path, answer)
    scope.post(path, answer)
  }
}

function understood<T>(request: FastifyRequest, ask: (text: string) => T): T {
  const text = readParameters(request).one('query')
  if (text === undefined) throw invalidParameter('query', 'an expression is required')
  try {
    return ask(text)
  } catch (error) {
    if (error instanceof PgherdError && error.code === 'QUERY_INVALID') {
      throw invalidParameter('query', error.message)
    }
    throw error
  }
}
