import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'

const handedOut = new Set<number>()

/**
 * `count` different loopback ports that nobody listens on, chosen by the kernel. Another process may still take
 * one before it is used; within this process a port is handed out once.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = []
  const ports: number[] = []
  try {
    while (ports.length < count) {
      const server = createServer()
      servers.push(server)
      const port = await listen(server, 0)
      // Servers stay open until the end of the loop, so that the kernel cannot offer the same port again.
      if (handedOut.has(port)) continue
      handedOut.add(port)
      ports.push(port)
    }
  } finally {
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  }
  return ports
}

/** One loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/**
 * What keeps us from listening on `port` at the loopback address now: EADDRINUSE, EACCES, ...
 * @returns undefined when nothing does
 */
export async function obstacleAtPort(port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    await listen(server, port)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  } finally {
    server.close()
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      resolve((server.address() as AddressInfo).port)
    })
  })
}
