import type { Percentile, QueryFigures } from '../../../common/insight/queries-view.ts'
import { estimatePercentile } from '../../../common/percentiles/estimate.ts'
import type { Moments } from '../../../common/percentiles/moments.ts'

const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 } as const

/** Of calls whose moments are known part by part: the parts are mixed, percentiles of parts are never averaged. */
export function percentilesOf(parts: readonly Moments[]): Pick<QueryFigures, 'p50' | 'p95' | 'p99'> {
  return {
    p50: percentileOf(parts, quantiles.p50),
    p95: percentileOf(parts, quantiles.p95),
    p99: percentileOf(parts, quantiles.p99),
  }
}

/** @returns null where there are too few calls */
export function percentileOf(parts: readonly Moments[], quantile: number): Percentile | null {
  return estimatePercentile(parts, quantile) ?? null
}
