import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** An HTTP proxy that knows CONNECT and nothing else. */
export async function startProxy(password?: string) {
  const asked: string[] = []
  const server = createServer((_request, response) => response.writeHead(405).end())
  server.on('connect', (request, socket, head) => {
    asked.push(request.url ?? '')
    const wanted = password === undefined ? undefined : `Basic ${btoa(`agent:${password}`)}`
    if (request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const [host, port] = (request.url ?? '').split(':')
    const upstream = connect({ host: host ?? '', port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [socket, upstream])
      end.on('error', () => [socket, upstream].forEach((one) => one.destroy()))
    onTestFinished(() => [socket, upstream].forEach((one) => void one.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { asked, at: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}
