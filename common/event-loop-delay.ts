import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/** Each look wakes the process: ten a second cost it 0.5 ms of processor time, prom-client's hundred cost 5 ms. */
const lookEveryMs = 100

/** Between two looks of prom-client's own monitor, which cannot be left out. */
const hardlyEverMs = 3_600_000

/** For `collectDefaultMetrics`. */
export const withoutEventLoop = { eventLoopMonitoringPrecision: hardlyEverMs } as const

const percentiles = [50, 90, 99] as const

/**
 * How long a due timer waited since the last look, in place of prom-client's gauges of the same names, whose values
 * include the time between two looks.
 */
export function addEventLoopDelay(registry: Registry): void {
  for (const kind of ['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_']) {
    registry.removeSingleMetric(`nodejs_eventloop_lag_${kind}seconds`)
  }
  const delays = monitorEventLoopDelay({ resolution: lookEveryMs })
  delays.enable()
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - lookEveryMs / 1000)
  const gauge = (kind: string, help: string, collect: () => void = () => undefined): Gauge =>
    new Gauge({ name: `nodejs_eventloop_lag_${kind}_seconds`, help, registers: [registry], collect })
  const gauges = percentiles.map((percentile) =>
    gauge(`p${percentile}`, `Percentile ${percentile} of how long a due timer waited since the last scrape.`),
  )
  const most = gauge('max', 'The longest that a due timer waited since the last scrape.', () => {
    // Before the first look there is nothing, which the histogram tells as a nonsensical maximum.
    most.set(delays.count === 0 ? 0 : seconds(delays.max))
    for (const [i, percentile] of percentiles.entries()) {
      gauges[i]!.set(delays.count === 0 ? 0 : seconds(delays.percentile(percentile)))
    }
    delays.reset()
  })
}
