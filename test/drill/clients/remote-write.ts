import { labelSet } from '../../../common/series/label-set.ts'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../../common/wire/remote-write-encode.ts'

/** Writes series `load` with these `ins` and the same samples to whoever takes remote write 1.0 under `url`. */
export async function writeOver(
  url: string,
  instances: readonly string[],
  samples: readonly (readonly [timeMs: number, value: number])[],
): Promise<void> {
  const encoder = createRemoteWriteEncoder()
  const series = instances.map((ins) => labelSet({ __name__: 'load', ins, job: 'drill' }))
  for (const [timestampMs, value] of samples) {
    const values = new Float64Array(series.length).fill(value)
    for (const { body } of encoder.encode({ timestampMs, series, values }).bodies) {
      const answer = await fetch(`${url}/api/v1/write`, {
        method: 'POST',
        body: Uint8Array.from(body),
        headers: remoteWriteHeaders,
      })
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
    }
  }
}
