import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { ClusterView } from '../../common/health/cluster-view.ts'
import type { Log } from '../../common/log.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { createClusterSeries } from './cluster-series.ts'
import type { ClusterSeries } from './cluster-series.ts'
import type { NewEvent } from '../../common/wire/events.ts'

/** Writes what is judged of clusters into the store: a change within a second, everything each ten. */
export interface ClusterRecorder {
  event(event: NewEvent): void
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

export interface RecorderOptions {
  readonly clock: Clock
  readonly log: Log
  readonly clusters: () => readonly ClusterView[]
  /** One sample per series, all of one moment in milliseconds. */
  readonly append: (timestampMs: number, series: readonly LabelSet[], values: Float64Array) => Promise<void>
}

const lookEveryMs = 1_000
const writeEveryMs = 10_000

export function createClusterRecorder({ clock, log, clusters, append }: RecorderOptions): ClusterRecorder {
  const series = new Map<string, ClusterSeries>()
  let written = new Map<string, string>()
  let writtenAt = -Infinity
  let isFailing = false

  const seriesOf = (cluster: string): ClusterSeries => {
    let known = series.get(cluster)
    if (known === undefined) series.set(cluster, (known = createClusterSeries(cluster)))
    return known
  }
  const write = async (): Promise<void> => {
    const views = clusters()
    const isDue = clock.monotonic() - writtenAt >= writeEveryMs
    const before = written
    written = new Map(views.map((view) => [view.cluster, keyOf(view)]))
    for (const cluster of [...series.keys()]) if (!written.has(cluster)) series.delete(cluster)
    const due = isDue ? views : views.filter(({ cluster }) => before.get(cluster) !== written.get(cluster))
    if (isDue) writtenAt = clock.monotonic()
    const samples = due.flatMap((view) => seriesOf(view.cluster).samples(view))
    if (samples.length === 0) return
    const values = Float64Array.from(samples, ({ value }) => value)
    await append(
      clock.now(),
      samples.map(({ labels }) => labels),
      values,
    )
  }
  return {
    event({ type, cluster, node }) {
      seriesOf(cluster).noteEvent(type, node, clock.now())
      written.delete(cluster)
    },
    async run(signal) {
      while (!signal.aborted) {
        try {
          await write()
          isFailing = false
        } catch (error) {
          if (!isFailing)
            log.warn({ error: messageOf(error) }, 'topology: the state of clusters could not be stored')
          isFailing = true
        }
        await clock.sleep(lookEveryMs, signal)
      }
    },
  }
}

/** What has to be in the store at once when it changes. */
function keyOf({ status, primary, judgements, failover }: ClusterView): string {
  return JSON.stringify([
    status,
    primary,
    failover.isSafe,
    judgements.map(({ code, severity, members }) => [code, severity, members]),
  ])
}
