import { setTimeout as sleep } from 'node:timers/promises'
import { labelSet } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'

export interface RemoteWriter {
  readonly series: readonly LabelSet[]
  /** Numbers of the batches that were answered 2xx. */
  readonly acknowledged: number[]
  /** By status, 0 for a connection that broke. */
  readonly answers: ReadonlyMap<number, number>
  readonly lastRetryAfter: string | undefined
  readonly timeOf: (batch: number) => number
  readonly valueOf: (batch: number, index: number) => number
  stop(): Promise<void>
}

/**
 * Sends batches by remote write, each until it is acknowledged, as an agent does. Batch n has one sample of every
 * series, whose value says which.
 */
export function startRemoteWriter(options: {
  readonly url: () => string
  readonly name: string
  readonly seriesCount: number
  readonly startMs: number
  readonly stepMs: number
}): RemoteWriter {
  const { name, seriesCount, startMs, stepMs } = options
  const encoder = createRemoteWriteEncoder()
  const answers = new Map<number, number>()
  const acknowledged: number[] = []
  let lastRetryAfter: string | undefined
  const stopping = new AbortController()
  const isRunning = (): boolean => !stopping.signal.aborted
  const series = Array.from({ length: seriesCount }, (_, index) =>
    labelSet({ __name__: 'drill_value', sender: name, series: String(index) }),
  )
  const timeOf = (batch: number): number => startMs + batch * stepMs
  const valueOf = (batch: number, index: number): number => (batch * 1000 + index) / 8
  const send = async (body: Uint8Array): Promise<boolean> => {
    let status = 0
    try {
      const answer = await fetch(`${options.url()}/api/v1/write`, {
        method: 'POST',
        headers: remoteWriteHeaders,
        body: Buffer.from(body),
        signal: AbortSignal.timeout(5_000),
      })
      await answer.arrayBuffer()
      status = answer.status
      lastRetryAfter = answer.headers.get('retry-after') ?? lastRetryAfter
    } catch {
      // The collector is being killed or started.
    }
    answers.set(status, (answers.get(status) ?? 0) + 1)
    return status >= 200 && status < 300
  }
  const done = (async () => {
    for (let batch = 0; isRunning(); batch++) {
      const values = Float64Array.from(series, (_, index) => valueOf(batch, index))
      const { bodies } = encoder.encode({ timestampMs: timeOf(batch), series, values })
      while (isRunning() && !(await send(bodies[0]!.body))) await sleep(10)
      if (isRunning()) acknowledged.push(batch)
    }
  })()
  return {
    series,
    acknowledged,
    answers,
    get lastRetryAfter() {
      return lastRetryAfter
    },
    timeOf,
    valueOf,
    async stop() {
      stopping.abort()
      await done
    },
  }
}
