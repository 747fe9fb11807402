import { setTimeout as sleep } from 'node:timers/promises'
import { compress } from 'snappyjs'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'
import { uncompressSnappy } from '../../common/wire/snappy-uncompress.ts'
import { createClient } from './http-post.ts'
import type { FleetGroup } from './fleet.ts'

export interface Sending {
  readonly url: string
  readonly groups: readonly FleetGroup[]
  /** Time of the first sample of every series, and of the last; both on the grid of the interval. */
  readonly fromMs: number
  readonly toMs: number
  readonly intervalMs: number
  /** Connections; a group stays on one, so that its samples arrive in order. */
  readonly lanes: number
  /** `agent` compresses as the agent does, `plain` as a sender that knows nothing of its data. */
  readonly compression: 'agent' | 'plain'
}

export interface Sent {
  readonly samples: number
  readonly bytes: number
  readonly seconds: number
  /** From the first byte of a request to the last of its answer, smallest first. */
  readonly requestMs: readonly number[]
}

const maxUncompressedBytes = 1 << 26

/** Sends every sample as fast as the server takes them. */
export async function send(sending: Sending): Promise<Sent> {
  const { groups, lanes, fromMs, toMs, intervalMs } = sending
  const encode = createEncode(sending.compression)
  using client = createClient(sending.url)
  const requestMs: number[] = []
  let samples = 0
  let bytes = 0
  const lane = async (mine: readonly FleetGroup[]): Promise<void> => {
    let waiting: Promise<void> = Promise.resolve()
    for (let timestampMs = fromMs; timestampMs <= toMs; timestampMs += intervalMs) {
      for (const group of mine) {
        // Made while the answer to the one before is awaited.
        group.advance()
        const body = encode(group, timestampMs)
        await waiting
        const startedMs = performance.now()
        waiting = write(client, body).then(() => {
          requestMs.push(performance.now() - startedMs)
        })
        samples += group.series.length
        bytes += body.length
      }
    }
    await waiting
  }
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: lanes }, (_, i) => lane(groups.filter((_, at) => at % lanes === i))))
  const seconds = (performance.now() - startedMs) / 1000
  return { samples, bytes, seconds, requestMs: requestMs.sort((a, b) => a - b) }
}

/** The body of one request with the next sample of every series of a group. */
export function createEncode(
  compression: Sending['compression'],
): (group: FleetGroup, timestampMs: number) => Uint8Array {
  const encoder = createRemoteWriteEncoder({ maxSamples: 1_000_000, maxBytes: maxUncompressedBytes })
  return ({ series, values }, timestampMs) => {
    const { body } = encoder.encode({ timestampMs, series, values }).bodies[0]!
    return compression === 'agent' ? body : compress(uncompressSnappy(body, maxUncompressedBytes))
  }
}

/**
 * One request of remote write.
 * @throws Error when the server does not take it; busy servers are asked again
 */
export async function write(client: ReturnType<typeof createClient>, body: Uint8Array): Promise<void> {
  for (;;) {
    const answer = await client.post('/api/v1/write', body, remoteWriteHeaders)
    if (answer.status < 300) return
    if (answer.status !== 429 && answer.status !== 503) {
      throw new Error(`a write was answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 300)}`)
    }
    await sleep(100)
  }
}
