import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { NodeView } from '../../../common/wire/nodes.ts'
import type { Alert } from '../../../collector/web/api/answers.ts'
import { rangeOf, vectorOf } from './fake-series.ts'

/** The policy the collector sends with its pages. */
export const contentSecurityPolicy =
  "default-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** A collector's HTTP API over invented data; its state may be changed while a page looks at it. */
export interface FakeCollector extends AsyncDisposable {
  readonly url: string
  nodes: NodeView[]
  alerts: Alert[]
  /** Expressions that were asked for a range, in order. */
  readonly rangeQueries: string[]
  /** The only token that is taken; null for a collector that asks for none. */
  token: string | null
  /** Fails range queries that contain this text, as a collector would. */
  failing: string | null
  /** Never answers range queries that contain this text. */
  held: string | null
  /** Range queries whose client hung up before the answer. */
  abandoned: number
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * Serves `webDirectory` and the API on a loopback port. It stands in for the collector where a test has to
 * decide what the fleet looks like at any moment; the page against the real one is tested with the demo.
 */
export async function startFakeCollector(webDirectory: string): Promise<FakeCollector> {
  const fake = {
    nodes: [] as NodeView[],
    alerts: [] as Alert[],
    rangeQueries: [] as string[],
    token: null,
    failing: null,
    held: null,
    abandoned: 0,
  }
  const state: Omit<FakeCollector, 'url' | typeof Symbol.asyncDispose> = fake

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const text = (name: string): string => url.searchParams.get(name) ?? ''
    response.setHeader('content-security-policy', contentSecurityPolicy)
    const isForbidden = state.token !== null && request.headers.authorization !== `Bearer ${state.token}`
    if (isForbidden && url.pathname.startsWith('/api/')) {
      send(response, 401, { status: 'error', errorType: 'unauthorized', error: 'a token is needed' })
      return
    }
    switch (url.pathname) {
      case '/api/v1/nodes':
        send(response, 200, { status: 'success', data: state.nodes })
        return
      // Its agents report no health, nor has anything happened.
      case '/api/v1/clusters':
      case '/api/v1/events':
        send(response, 200, { status: 'success', data: [] })
        return
      case '/api/v2/silences':
        send(response, 200, [])
        return
      case '/api/v1/whoami':
        send(response, 200, { status: 'success', data: { name: null, role: 'viewer' } })
        return
      case '/api/v1/alerts':
        send(response, 200, { status: 'success', data: { alerts: state.alerts } })
        return
      case '/api/v1/status/buildinfo':
        send(response, 200, { status: 'success', data: { version: '3.0.0', pgherdVersion: '0.1.0' } })
        return
      case '/api/v1/query':
        send(response, 200, {
          status: 'success',
          data: vectorOf(text('query'), state.nodes, Date.now() / 1000),
        })
        return
      case '/api/v1/query_range': {
        const expr = text('query')
        state.rangeQueries.push(expr)
        if (state.held !== null && expr.includes(state.held)) {
          response.on('close', () => state.abandoned++)
          return
        }
        if (state.failing !== null && expr.includes(state.failing)) {
          send(response, 422, {
            status: 'error',
            errorType: 'execution',
            error: 'the query needs too many samples',
          })
          return
        }
        const range = { start: Number(text('start')), end: Number(text('end')), step: Number(text('step')) }
        send(response, 200, { status: 'success', data: rangeOf(expr, state.nodes, range) })
        return
      }
      default:
        sendFile(response, webDirectory, url.pathname)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function sendFile(response: ServerResponse, directory: string, path: string): void {
  const file = join(directory, normalize(path === '/' ? '/index.html' : path))
  if (!existsSync(file)) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'content-type': contentTypes[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
}

/** A node of a healthy fleet, as the collector shows it. */
export function fakeNode(
  node: string,
  role: 'primary' | 'standby',
  change: Partial<NodeView> = {},
): NodeView {
  const nowMs = Date.now()
  return {
    node,
    cluster: node.replace(/-\d+$/, ''),
    ip: `10.10.10.${10 + Number(/\d+$/.exec(node)?.[0] ?? 0)}`,
    version: '0.1.0',
    connected: true,
    firstSeenMs: nowMs - 86_400_000,
    lastSeenMs: nowMs,
    clockSkewMs: 0,
    clockSkewed: false,
    servers: [],
    auditBreaks: 0,
    role,
    up: true,
    lastSampleMs: nowMs - 3000,
    ...change,
  }
}
