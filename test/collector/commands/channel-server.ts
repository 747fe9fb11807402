import fastifyWebsocket from '@fastify/websocket'
import fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { WebSocket } from 'ws'
import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { channelMaxBytes, channelPath } from '../../../common/wire/channel.ts'
import type { HelloMessage } from '../../../common/wire/channel.ts'
import { createChannelHub } from '../../../collector/commands/channel-hub.ts'
import type { ChannelHub, ChannelHubOptions } from '../../../collector/commands/channel-hub.ts'

export interface TestServer {
  readonly hub: ChannelHub
  readonly url: string
  readonly port: number
  /** What the hub reported: `hello <node>`, `gone <node>`. */
  readonly events: string[]
  readonly hellos: HelloMessage[]
  readonly sockets: Set<WebSocket>
  stop(): Promise<void>
}

/** A collector's channel on loopback: the hub behind a real WebSocket server, as main.ts composes it. */
export async function startChannelServer(
  options: Partial<ChannelHubOptions> = {},
  port = 0,
): Promise<TestServer> {
  const events: string[] = []
  const hellos: HelloMessage[] = []
  const sockets = new Set<WebSocket>()
  const known = new Set<string>()
  const hub = createChannelHub({
    clock: systemClock,
    log: silentLog,
    isKnown: (node) => known.has(node),
    onHello(hello) {
      known.add(hello.node)
      hellos.push(hello)
      events.push(`hello ${hello.node}`)
    },
    onSeen: () => undefined,
    onGone: (node) => events.push(`gone ${node}`),
    ...options,
  })
  const app = fastify()
  await app.register(fastifyWebsocket, { options: { maxPayload: channelMaxBytes } })
  app.get(channelPath, { websocket: true }, (socket) => {
    sockets.add(socket)
    hub.accept({
      remoteAddress: '127.0.0.1',
      get bufferedBytes() {
        return socket.bufferedAmount
      },
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
      onText: (listener) => void socket.on('message', (data) => listener(data.toString('utf8'))),
      onClose: (listener) => void socket.once('close', listener),
    })
  })
  await app.listen({ host: '127.0.0.1', port })
  const address = app.server.address() as AddressInfo
  const stop = async () => {
    await hub[Symbol.asyncDispose]()
    await app.close()
  }
  onTestFinished(stop)
  return {
    hub,
    url: `ws://127.0.0.1:${address.port}${channelPath}`,
    port: address.port,
    events,
    hellos,
    sockets,
    stop,
  }
}
