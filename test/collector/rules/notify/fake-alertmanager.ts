import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly alerts: readonly { readonly labels: Record<string, string> }[]
}

/**
 * An endpoint that answers what the test says. Failures of a real Alertmanager cannot be had on demand; its
 * success and its validation are tested against the real one.
 */
export async function startFakeAlertmanager(
  answer: (received: ReceivedRequest) => { status: number; headers?: Record<string, string> },
): Promise<{ readonly url: string; readonly received: ReceivedRequest[] }> {
  const received: ReceivedRequest[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      const alerts = (body === '' ? [] : JSON.parse(body)) as ReceivedRequest['alerts']
      const one = { path: request.url ?? '', headers: request.headers, alerts }
      received.push(one)
      const { status, headers } = answer(one)
      response.writeHead(status, headers).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}
