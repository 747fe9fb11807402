import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Exchange } from './run-agentctl.ts'

export interface Question extends Exchange {
  readonly query: URLSearchParams
}

/** What one path answers, at once or later; an `error` makes it one of the API's. */
export type Answering = (question: Question) => unknown

/** A collector that answers each `METHOD /path` as the test says, and remembers what it was asked. */
export async function fakeCollector(
  routes: Readonly<Record<string, Answering>>,
): Promise<{ readonly url: string; readonly asked: Question[] }> {
  const asked: Question[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    const respond = async (): Promise<void> => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
      const method = request.method ?? ''
      const { authorization } = request.headers
      const question = { method, path: pathname, query: searchParams, body, authorization }
      asked.push(question)
      const route = routes[`${method} ${pathname}`]
      const data =
        route === undefined ? failure('not_found', `nothing at ${method} ${pathname}`) : await route(question)
      const isError = typeof data === 'object' && data !== null && 'errorType' in data
      response.writeHead(isError ? 400 : 200, { 'content-type': 'application/json' })
      // What is as Alertmanager has it is bare.
      const isBare = isError || pathname.startsWith('/api/v2/')
      response.end(JSON.stringify(isBare ? data : { status: 'success', data }))
    }
    request.on('end', () => void respond())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

export function failure(errorType: string, error: string): unknown {
  return { status: 'error', errorType, error }
}

/** A node of a healthy cluster of which the collector has heard eight seconds before the clock of these tests. */
export function nodeCalled(node: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    node,
    cluster: node.replace(/-\d+$/, ''),
    ip: '10.0.0.1',
    version: '0.1.0',
    connected: true,
    firstSeenMs: 1_700_000_000_000,
    lastSeenMs: 1_700_000_099_000,
    clockSkewMs: 2,
    clockSkewed: false,
    servers: [{ server: node, kind: 'postgres', systemIdentifier: '7300000000000000001' }],
    auditBreaks: 0,
    role: 'standby',
    up: true,
    lastSampleMs: 1_700_000_092_000,
    ...more,
  }
}
