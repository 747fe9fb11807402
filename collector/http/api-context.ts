import type { HttpDependencies, HttpLimits } from './dependencies.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { QueryGate } from './query-gate.ts'

/** What the routes share: made once, although the API is mounted under two prefixes. */
export interface ApiContext {
  readonly deps: HttpDependencies
  readonly limits: HttpLimits
  readonly gate: QueryGate
  readonly metrics: HttpMetrics
}
