import type { LabelSet } from '../../../common/series/label-set.ts'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../../common/wire/remote-write-encode.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startCollector } from '../../../testbed/pgherd.ts'
import { startPrometheus } from '../../../testbed/prometheus.ts'
import type { DiverseSeries } from './diverse-series.ts'

/** A collector and a Prometheus that hold the same samples. */
export interface TwoServers extends AsyncDisposable {
  readonly collectorUrl: string
  readonly prometheusUrl: string
}

export async function startTwoServers(series: readonly DiverseSeries[]): Promise<TwoServers> {
  await using stack = new AsyncDisposableStack()
  const directory = stack.use(createOwnDirectory({ prefix: 'pgherd-differential-' })).path
  const [collector, prometheus] = await Promise.all([
    startCollector({
      directory: `${directory}/collector`,
      extraConfig: { 'rules.files': [], 'store.retention': '3650d' },
    }),
    startPrometheus(`${directory}/prometheus`, { flags: ['--storage.tsdb.retention.time=10y'] }),
  ])
  stack.use(collector)
  stack.use(prometheus)
  const bodies = remoteWriteBodies(series)
  await Promise.all(
    [collector.url, prometheus.url].map(async (url) => {
      for (const body of bodies) await write(url, body)
    }),
  )
  const servers = stack.move()
  return {
    collectorUrl: collector.url,
    prometheusUrl: prometheus.url,
    [Symbol.asyncDispose]: () => servers.disposeAsync(),
  }
}

/** In the order of time, as Prometheus takes them. */
function remoteWriteBodies(series: readonly DiverseSeries[]): Uint8Array[] {
  const byTime = new Map<number, { series: LabelSet[]; bits: bigint[] }>()
  for (const { labels, timestamps, values } of series) {
    const bits = new BigUint64Array(values.buffer)
    for (const [i, timeMs] of timestamps.entries()) {
      const batch = byTime.get(timeMs) ?? { series: [], bits: [] }
      byTime.set(timeMs, batch)
      batch.series.push(labels)
      batch.bits.push(bits[i]!)
    }
  }
  const encoder = createRemoteWriteEncoder()
  return [...byTime]
    .sort(([a], [b]) => a - b)
    .flatMap(([timestampMs, batch]) => {
      const values = new Float64Array(BigUint64Array.from(batch.bits).buffer)
      return encoder.encode({ timestampMs, series: batch.series, values }).bodies.map(({ body }) => body)
    })
}

async function write(url: string, body: Uint8Array): Promise<void> {
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: remoteWriteHeaders,
    body: Buffer.from(body),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
}
