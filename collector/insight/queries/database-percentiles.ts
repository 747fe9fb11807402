import type { Percentile, TimeSpan, TopQueries } from '../../../common/insight/queries-view.ts'
import { labelValue } from '../../../common/series/label-set.ts'
import type { AskSamples } from '../ask-samples.ts'
import { durationOf } from './selection.ts'

/** As for single statements: below this a percentile says nothing. */
const fewestCalls = 20

/** Percentiles of all executions of the selected databases: agents count them by duration, so that any range adds up. */
export async function databasePercentiles(
  store: AskSamples,
  asked: { readonly matchers: string } & TimeSpan,
  signal: AbortSignal,
): Promise<Pick<TopQueries, 'p50' | 'p95' | 'p99'>> {
  const { matchers, startMs, endMs } = asked
  const window = `[${durationOf(endMs - startMs)}]`
  const buckets = `sum by (le) (increase(pg_query_duration_seconds_bucket{${matchers.slice(1)}}${window}))`
  const counted = await store.vector(buckets, endMs, signal)
  const calls = counted.find(({ labels }) => labelValue(labels, 'le') === '+Inf')?.value ?? 0
  if (!(calls >= fewestCalls)) return { p50: null, p95: null, p99: null }
  const bounds = counted.map(({ labels }) => Number(labelValue(labels, 'le'))).filter(Number.isFinite)
  const percentile = async (quantile: number): Promise<Percentile | null> => {
    const [found] = await store.vector(`histogram_quantile(${quantile}, ${buckets})`, endMs, signal)
    if (found === undefined || !Number.isFinite(found.value)) return null
    const { value } = found
    const isAbove = value >= Math.max(...bounds)
    return {
      value,
      method: 'histogram',
      calls,
      cv: null,
      lo: Math.max(0, ...bounds.filter((bound) => bound < value)),
      hi: isAbove ? null : Math.min(...bounds.filter((bound) => bound >= value)),
      confidence: isAbove ? 'low' : 'medium',
      partial: false,
    }
  }
  const [p50, p95, p99] = await Promise.all([percentile(0.5), percentile(0.95), percentile(0.99)])
  return { p50, p95, p99 }
}
