import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface ClusterProxyOptions {
  /** Of the single node behind it. */
  readonly target: string
  readonly tenant: string
  /** Which paths it serves: `insert` those of a vminsert, `select` those of a vmselect. */
  readonly serves: 'insert' | 'select'
  /** The whole Authorization header that it wants; others are answered 401. */
  readonly authorization?: string
  /** With it, it speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface ClusterProxy extends AsyncDisposable {
  readonly url: string
  /** Paths of the requests that it passed on, without their parameters. */
  readonly paths: string[]
  /** While it is down it drops every connection. */
  setDown(isDown: boolean): void
}

/**
 * Stands for one front of a VictoriaMetrics cluster, of which there is no package: the URLs of the cluster in front of a
 * single node, for one tenant.
 */
export async function startClusterProxy(options: ClusterProxyOptions): Promise<ClusterProxy> {
  const paths: string[] = []
  let isDown = false
  const listener: RequestListener = (incoming, outgoing) => {
    if (isDown) {
      incoming.socket.destroy()
      return
    }
    const { authorization } = options
    if (authorization !== undefined && incoming.headers.authorization !== authorization) {
      incoming.resume()
      outgoing.writeHead(401, { 'www-authenticate': 'Basic' }).end()
      return
    }
    const path = rewritten(incoming.url ?? '/', options)
    if (path === undefined) {
      incoming.resume()
      outgoing.writeHead(400).end(`unsupported path requested: ${JSON.stringify(incoming.url)}`)
      return
    }
    paths.push((incoming.url ?? '').replace(/\?.*/, ''))
    passOn(incoming, outgoing, `${options.target}${path}`)
  }
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    paths,
    setDown(down) {
      isDown = down
      if (down) server.closeAllConnections()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** The path of the single node; undefined for one that this front does not have. */
function rewritten(url: string, { serves, tenant }: ClusterProxyOptions): string | undefined {
  if (url === '/metrics') return url
  for (const area of serves === 'insert' ? ['insert'] : ['select', 'delete']) {
    const prefix = `/${area}/${tenant}/prometheus`
    if (url.startsWith(`${prefix}/`)) return url.slice(prefix.length)
  }
  return undefined
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, url: string): void {
  const headers = Object.entries(incoming.headers).filter(([name]) => name !== 'host')
  const wanted = { method: incoming.method ?? 'GET', headers: Object.fromEntries(headers) }
  const onward = httpRequest(url, wanted, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(502).end()
  })
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}
