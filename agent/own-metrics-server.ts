import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import { messageOf } from '../common/errors.ts'
import { listenOn } from '../common/listen-on.ts'

export interface OwnMetricsServer extends AsyncDisposable {
  readonly url: string
}

/**
 * The agent's own /metrics, /health and /reload on loopback, over node:http because a framework would cost the patient
 * several megabytes of memory.
 * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for an address that this machine does not have
 */
export async function serveOwnMetrics(
  address: { readonly host: string; readonly port: number },
  registry: Registry,
  reload: () => Promise<boolean>,
): Promise<OwnMetricsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/reload') {
      answerReload(request, response, reload)
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else if (path === '/health') {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
    } else if (path === '/metrics') {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(messageOf(error)),
      )
    } else {
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end('here are /metrics, /health and /reload\n')
    }
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  server.maxConnections = 32
  const reached = await listenOn(server, address)
  return {
    url: `http://${reached}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** POST only: a link or a crawler must not make the agent read its files. */
function answerReload(
  request: IncomingMessage,
  response: ServerResponse,
  reload: () => Promise<boolean>,
): void {
  if (request.method !== 'POST') {
    response.writeHead(405, { allow: 'POST' }).end()
    return
  }
  void reload().then((done) => {
    response
      .writeHead(done ? 200 : 422, { 'content-type': 'text/plain' })
      .end(done ? 'reloaded\n' : 'the probe files have mistakes, see the log; nothing was changed\n')
  })
}
