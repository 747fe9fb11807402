/**
 * What a stretch of a server's history says. Undefined is what was never seen: a server without the view, or before its first two looks.
 * Where a counter was reset, or the server was started anew, what it lost in between is left out.
 */
export interface Evidence {
  readonly fromMs: number
  readonly toMs: number
  /** That were observed: gaps are left out. */
  readonly hours: number
  /** Since the server was last started. */
  readonly hoursSinceStart: number
  readonly inRecovery: boolean
  /** How much a counter grew. */
  increase(counter: string): number | undefined
  /** Its increase per second that was observed. */
  perSecond(counter: string): number | undefined
  /** The 95th percentile of that over the buckets, for what matters at the peak of a day. */
  peakPerSecond(counter: string): number | undefined
  /** Over all samples. Of a gauge that is 0 or 1 it is the share of the samples in which it was so. */
  mean(gauge: string): number | undefined
  /** Of all samples. */
  max(gauge: string): number | undefined
  /** The 99th percentile of the largest of each bucket. */
  usualMax(gauge: string): number | undefined
  last(gauge: string): number | undefined
}
