import type { AnswerBudget } from './answer-budget.ts'
import type { OpenRequests } from './auth/open-requests.ts'
import type { Refusals } from './auth/refusals.ts'
import type { HttpDependencies, HttpLimits } from './dependencies.ts'
import type { HttpMetrics } from './http-metrics.ts'
import type { QueryGate } from './query-gate.ts'
import type { QueryLog } from './query-log.ts'
import type { SlowSenders } from './slow-senders.ts'
import type { RoomGate } from './room-gate.ts'

/** What the routes share: made once, although the API is mounted under several prefixes. */
export interface ApiContext {
  readonly deps: HttpDependencies
  readonly refusals: Refusals
  readonly openRequests: OpenRequests
  readonly limits: HttpLimits
  readonly gate: QueryGate
  readonly writeGate: RoomGate
  /** Of those whose bodies writeGate has let in. */
  readonly slowWriters: SlowSenders
  /** For imports, whose bodies have no end in sight. */
  readonly importGate: RoomGate
  /** For exports, which last as long as their readers like. */
  readonly exportGate: QueryGate
  readonly metrics: HttpMetrics
  readonly queryLog: QueryLog
  readonly budget: AnswerBudget
}
