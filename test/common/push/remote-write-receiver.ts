import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { labelSet, labelValue } from '../../../common/series/label-set.ts'
import { decodeWriteRequest } from '../../../common/wire/remote-write-decode.ts'
import { createRemoteWriteEncoder } from '../../../common/wire/remote-write-encode.ts'
import { parseLabels } from '../../../common/wire/remote-write-labels.ts'
import { createSampleColumns } from '../../../common/wire/sample-columns.ts'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'

/** A sample as a receiver sees it: `name@time`. */
export type Sample = string

export interface ReceivedRequest {
  readonly samples: readonly Sample[]
  readonly bytes: number
  readonly headers: IncomingHttpHeaders
}

/** A receiver of remote write on loopback that answers as `status` says; 204 unless told. */
export async function startReceiver(
  status: (request: ReceivedRequest) => number | Promise<number> = () => 204,
  createWith: (listener: RequestListener) => Server = createServer,
) {
  const requests: (ReceivedRequest & { status: number })[] = []
  const server = createWith((incoming, response) => {
    void incoming.toArray().then(async (parts: Buffer[]) => {
      const body = Buffer.concat(parts)
      const request = { samples: samplesOf(body), bytes: body.length, headers: incoming.headers }
      const answer = await status(request)
      requests.push({ ...request, status: answer })
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    /** What it has taken, in the order in which it came. */
    taken: () => requests.filter((one) => one.status < 300).flatMap(({ samples }) => samples),
  }
}

export function samplesOf(body: Uint8Array): Sample[] {
  const columns = createSampleColumns()
  const names: string[] = []
  decodeWriteRequest(uncompressSnappy(body, 64 << 20), columns, (bytes, from, to) => {
    const labels = parseLabels(bytes.subarray(from, to))
    return names.push(typeof labels === 'string' ? labels : labelValue(labels, '__name__')) - 1
  })
  return Array.from(
    { length: columns.count },
    (_, i) => `${names[columns.refs[i]!]}@${columns.timestamps[i]}`,
  )
}

const encoder = createRemoteWriteEncoder()

/** A body with one sample of each of the named series. */
export function bodyOf(timestampMs: number, ...names: readonly string[]) {
  const series = names.map((name) => labelSet({ __name__: name, ins: 'pg-test-1' }))
  const values = Float64Array.from(names, () => timestampMs)
  return { timestampMs, payload: encoder.encode({ timestampMs, series, values }).bodies[0]!.body }
}
