import type { InsightMetric } from './metric.ts'

/** What each part tells, by the heading under which the reference of metrics lists it. */
export interface InsightFamily {
  readonly name: string
  /** One sentence without its full stop. */
  readonly what: string
  readonly metrics: readonly InsightMetric[]
}

/** Of all parts; each adds its own. */
export const insightFamilies: readonly InsightFamily[] = []
