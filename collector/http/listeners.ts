import { chmodSync } from 'node:fs'
import type { Server as HttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { TlsOptions, Server as TlsServer } from 'node:tls'
import { listenError, printHostAndPort } from '../../common/listen-on.ts'
import { createConnectionPlaces } from './connection-places.ts'
import type { ConnectionPlacesOptions } from './connection-places.ts'
import { removeStaleSocket } from './stale-socket.ts'

/** Loopback or any other address, or the path of a Unix socket. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/** PEM. */
export interface TlsMaterial {
  /** The server's own, with those up to its authority. */
  readonly certificate: string
  readonly key: string
  /** Whose certificates of agents count. */
  readonly clientCa: string
}

/** Where the connections of one HTTP server come from: any number of addresses, with TLS and without. */
export interface Listeners {
  /**
   * @returns the URL under which it is reached; port 0 lets the kernel choose
   * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for what cannot be listened on
   */
  listenPlain(address: ListenAddress): Promise<{ readonly url: string }>
  listenTls(
    address: { readonly host: string; readonly port: number },
    material: TlsMaterial,
  ): Promise<{ readonly url: string }>
  /** For connections to come; those that are open keep the certificate that they were opened with. */
  replaceCertificate(material: TlsMaterial): void
  /** Takes no more connections. @returns when the last of those that are open has ended */
  close(): Promise<void>
}

/** Connections are those of all listeners together, TLS handshakes included. */
export interface ListenersOptions extends ConnectionPlacesOptions {
  /** A handshake that takes longer is given up. */
  readonly handshakeMs: number
  readonly onHandshakeFailed: () => void
}

/** Only the owner and the group of a Unix socket get in. */
const socketMode = 0o660

/**
 * Hands connections to an HTTP server that listens nowhere itself, as Node's documentation of its event 'connection'
 * provides for: so there is one server with one set of limits, whatever a connection came through.
 */
export function createListeners(http: HttpServer, options: ListenersOptions): Listeners {
  const servers: Server[] = []
  const tlsServers: TlsServer[] = []
  /** Connections that do not speak TLS yet, by their other end. */
  const handshaking = new Map<string, Socket>()
  const takePlace = createConnectionPlaces(options)
  const count = (socket: Socket): void => {
    if (!takePlace(socket)) socket.destroy()
  }
  // What starts Node's own deadlines for heads of requests.
  http.emit('listening')

  const listen = async (server: Server, address: ListenAddress, scheme: string): Promise<{ url: string }> => {
    const shown = show(address)
    try {
      if ('path' in address) await removeStaleSocket(address.path)
      await listening(server, address)
    } catch (error) {
      throw listenError(error, shown)
    }
    servers.push(server)
    if ('path' in address) return { url: `unix:${address.path}` }
    const { port } = server.address() as AddressInfo
    return { url: `${scheme}://${show({ ...address, port })}` }
  }
  return {
    listenPlain(address) {
      // As http.Server has it: a client may end its side and still wait for the answer.
      const server = createServer({ allowHalfOpen: true, noDelay: true })
      server.on('connection', (socket: Socket) => {
        count(socket)
        if (!socket.destroyed) http.emit('connection', socket)
      })
      return listen(server, address, 'http')
    },
    async listenTls(address, material) {
      const server = createTlsServer({
        ...contextOf(material),
        // Nobody is turned away here: the answer to a bad certificate is to say what is wrong with it.
        requestCert: true,
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: options.handshakeMs,
        noDelay: true,
      })
      server.on('connection', (socket: Socket) => {
        count(socket)
        const peer = peerOf(socket)
        handshaking.set(peer, socket)
        socket.once('close', () => handshaking.delete(peer))
      })
      server.on('secureConnection', (socket) => {
        handshaking.delete(peerOf(socket))
        http.emit('connection', socket)
      })
      server.on('tlsClientError', (_error, socket) => {
        options.onHandshakeFailed()
        socket.destroy()
      })
      const { url } = await listen(server, address, 'https')
      tlsServers.push(server)
      return { url }
    },
    replaceCertificate(material) {
      for (const server of tlsServers) server.setSecureContext(contextOf(material))
    },
    async close() {
      for (const socket of handshaking.values()) socket.destroy()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function contextOf({ certificate, key, clientCa }: TlsMaterial): TlsOptions {
  return { cert: certificate, key, ca: clientCa, minVersion: 'TLSv1.2' }
}

function show(address: ListenAddress): string {
  return 'path' in address ? address.path : printHostAndPort(address)
}

function listening(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const ready = (): void => {
      server.off('error', reject)
      resolve()
    }
    if (!('path' in address)) {
      server.listen({ host: address.host, port: address.port }, ready)
      return
    }
    // The socket is made within this call, and must not be open to all until its mode is set.
    const before = process.umask(0o777 & ~socketMode)
    try {
      server.listen({ path: address.path }, ready)
      if (server.listening) chmodSync(address.path, socketMode)
    } finally {
      process.umask(before)
    }
  })
}
