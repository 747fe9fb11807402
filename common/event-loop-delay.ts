import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/**
 * Each look wakes the process: two a second cost it 1 ms of processor time in ten seconds, prom-client's hundred cost 50.
 * Not a divisor of the usual intervals, or the looks would always fall on the same moment of a scrape.
 */
const lookEveryMs = 487

/** Looks that are remembered: five minutes. */
const looks = 616

/** After the start, in which everything is read and compiled once; what that takes is no sign of what follows. */
const startUpMs = 20_000

/** Between two looks of prom-client's own monitor, which cannot be left out. */
const hardlyEverMs = 3_600_000

/** For `collectDefaultMetrics`. */
export const withoutEventLoop = { eventLoopMonitoringPrecision: hardlyEverMs } as const

const percentiles = [50, 90, 99] as const

/**
 * How long a due timer had to wait in the last five minutes, in place of prom-client's gauges of the same names, whose
 * values include the time between two looks and which forget what falls between a reading and the next look.
 * @param leaveOutMs from now on
 */
export function addEventLoopDelay(registry: Registry, leaveOutMs = startUpMs): void {
  for (const kind of ['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_']) {
    registry.removeSingleMetric(`nodejs_eventloop_lag_${kind}seconds`)
  }
  const waits = watchTimers(leaveOutMs)
  const gauge = (kind: string, help: string, read: (sorted: Float64Array) => number): Gauge => {
    const one: Gauge = new Gauge({
      name: `nodejs_eventloop_lag_${kind}_seconds`,
      help,
      registers: [registry],
      collect: () => one.set(read(waits().sort()) / 1000),
    })
    return one
  }
  for (const percentile of percentiles) {
    gauge(
      `p${percentile}`,
      `Percentile ${percentile} of how long a due timer waited in the last five minutes.`,
      (sorted) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100))] ?? 0,
    )
  }
  gauge(
    'max',
    'The longest that a due timer waited in the last five minutes.',
    (sorted) => sorted.at(-1) ?? 0,
  )
}

/** @returns a function that gives the remembered waits in milliseconds, a copy */
function watchTimers(leaveOutMs: number): () => Float64Array {
  const waits = new Float64Array(looks)
  let count = 0
  const fromMs = performance.now() + leaveOutMs
  let dueMs = performance.now() + lookEveryMs
  setInterval(() => {
    const nowMs = performance.now()
    if (nowMs >= fromMs) waits[count++ % looks] = Math.max(0, nowMs - dueMs)
    dueMs = nowMs + lookEveryMs
  }, lookEveryMs).unref()
  return () => waits.slice(0, Math.min(count, looks))
}
