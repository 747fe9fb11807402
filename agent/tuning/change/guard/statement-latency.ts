import type { GuardReading } from '../../../../common/tuning/tune-change.ts'
import type { GuardBaseline, GuardSpan } from './guard-sample.ts'
import type { GuardLimits } from './guard-limits.ts'

/**
 * The mean latency of the statements that were seen before and since, each weighted by its calls of before: when only the mix of the
 * statements has changed it stays the same. Undefined where too few calls are to be compared.
 *
 * before = sum(calls_b x mean_b) / sum(calls_b); after = sum(calls_b x mean_a) / sum(calls_b), a Laspeyres index of the latency.
 */
export function statementLatency(
  before: GuardBaseline,
  since: GuardSpan,
  bound: number,
  limits: GuardLimits,
): GuardReading | undefined {
  let [weight, was, is, callsSince, extraMs, count] = [0, 0, 0, 0, 0, 0]
  for (const [key, [callsBefore, msBefore]] of Object.entries(before.statements)) {
    const [calls, ms] = since.statements[key] ?? [0, 0]
    if (callsBefore < limits.callsOfEach || calls < limits.callsOfEach) continue
    count++
    weight += callsBefore
    callsSince += calls
    was += msBefore
    is += callsBefore * (ms / calls)
    extraMs += ms - calls * (msBefore / callsBefore)
  }
  if (weight < limits.callsOfAll || callsSince < limits.callsOfAll) return undefined
  const [meanBefore, meanAfter] = [was / weight, is / weight]
  // What one of the looks of before was as well is no news.
  const limit = Math.max(meanBefore * (1 + bound), before.worstLatencyMs ?? 0)
  const isDear = extraMs / since.seconds >= limits.extraMsPerSecond
  return {
    what: `mean latency of ${count} ${count === 1 ? 'statement' : 'statements'}`,
    unit: 'ms',
    before: meanBefore,
    after: meanAfter,
    limit,
    isWorse: meanAfter > limit && isDear,
  }
}
