import type { InstanceHealth } from '../../common/health/instance-health.ts'
import { healthFacts } from './health-facts.ts'
import { judgePath } from './judge-path.ts'
import { clusterDocument, historyDocument, patroniDocument } from './patroni-documents.ts'
import { patroniMetrics } from './patroni-metrics.ts'
import { readRequest } from './read-request.ts'

export interface HealthAnswer {
  readonly status: 200 | 400 | 404 | 405 | 503
  readonly type: 'application/json' | 'text/plain; version=0.0.4'
  readonly body: string
  /** Half a sentence: why the status. */
  readonly reason: string
}

export interface HealthAnswerOptions {
  /** The state of a server, undefined for one that is not watched; without a name, of the agent's first. */
  readonly current: (server: string | undefined) => InstanceHealth | undefined
  readonly servers: () => readonly string[]
  readonly now: () => number
  /** A state of this age says nothing any more, milliseconds. */
  readonly staleMs: number
  /** Answers as Patroni does, also where it is loose. */
  readonly isCompatible: boolean
}

const json = 'application/json'
/** Patroni answers these to GET only. */
const getOnly = new Set(['/liveness', '/readiness', '/patroni', '/cluster', '/history', '/metrics'])

/**
 * Answers one request for health from what is known already.
 * @param method - GET, HEAD or OPTIONS; others are refused
 * @param target - as the request line has it
 */
export function answerHealth(method: string, target: string, options: HealthAnswerOptions): HealthAnswer {
  const { isCompatible } = options
  if (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') {
    return refusal(405, 'allowed: GET, HEAD and OPTIONS')
  }
  const request = readRequest(target)
  if (request === undefined) return refusal(400, 'the path cannot be read')
  if (request.repeated !== undefined && !isCompatible)
    return refusal(400, `${request.repeated}: is given twice`)
  const health = options.current(request.server)
  if (health === undefined) {
    return request.server === undefined
      ? refusal(503, 'no server has been looked at yet')
      : refusal(404, `no such server; there are ${options.servers().join(' ')}`)
  }
  const { path } = request
  if (isCompatible && method !== 'GET' && getOnly.has(path)) return refusal(503, 'answered to GET only')
  const facts = healthFacts(health, options.now(), options.staleMs)
  switch (path) {
    case '/patroni':
      return document(patroniDocument(health, facts))
    case '/cluster':
      return document(clusterDocument(health, facts))
    case '/history':
      return document(historyDocument(health))
    case '/metrics':
      return {
        status: 200,
        type: 'text/plain; version=0.0.4',
        body: patroniMetrics(health, facts),
        reason: 'ok',
      }
  }
  const verdict = judgePath(path, request.parameters, facts, isCompatible)
  if (verdict.status === 400 || verdict.status === 404) return refusal(verdict.status, verdict.reason)
  const problem =
    verdict.status === 200 && request.throughPooler && facts.poolerProblem !== undefined
      ? `the pooler does not let connections through: ${facts.poolerProblem}`
      : undefined
  const hasBody = method === 'GET' && !getOnly.has(path)
  return {
    status: problem === undefined ? verdict.status : 503,
    type: json,
    body: hasBody ? JSON.stringify(patroniDocument(health, facts)) : '',
    reason: problem ?? verdict.reason,
  }
}

function document(value: unknown): HealthAnswer {
  return { status: 200, type: json, body: JSON.stringify(value), reason: 'ok' }
}

function refusal(status: 400 | 404 | 405 | 503, reason: string): HealthAnswer {
  return { status, type: json, body: `${JSON.stringify({ error: reason })}\n`, reason }
}
