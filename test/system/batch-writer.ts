import { setTimeout as sleep } from 'node:timers/promises'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'
import { labelSet } from '../../common/series/label-set.ts'

export const batchSeries = 50
/** Between the times of two batches. */
export const batchMs = 10

/**
 * Sends batches one after the other, each until it is acknowledged: what an agent does. Sample `i` of batch `b` is
 * `drill_value{series="i"}` at `startMs` + 10 b with the value 1000 b + i.
 */
export function startBatchWriter(url: string, startMs: number) {
  const acknowledged: number[] = []
  let running = true
  let giveUpAtMs = Infinity
  const encoder = createRemoteWriteEncoder()
  const series = Array.from({ length: batchSeries }, (_, index) =>
    labelSet({ __name__: 'drill_value', series: String(index) }),
  )
  const body = (batch: number): Uint8Array => {
    const values = Float64Array.from(series, (_, index) => batch * 1000 + index)
    return encoder.encode({ timestampMs: startMs + batch * batchMs, series, values }).bodies[0]!.body
  }
  const send = async (batch: number): Promise<boolean> => {
    try {
      const answer = await fetch(`${url}/api/v1/write`, {
        method: 'POST',
        headers: remoteWriteHeaders,
        body: Buffer.from(body(batch)),
        signal: AbortSignal.timeout(5_000),
      })
      return answer.status === 204
    } catch {
      return false
    }
  }
  const done = (async () => {
    for (let batch = 0; running; batch++) {
      while (!(await send(batch))) {
        if (performance.now() > giveUpAtMs) return
        await sleep(20)
      }
      acknowledged.push(batch)
    }
  })()
  return {
    acknowledged,
    async stop() {
      running = false
      giveUpAtMs = performance.now() + 10_000
      await done
    },
  }
}
