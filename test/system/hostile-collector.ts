import websocket from '@fastify/websocket'
import fastify from 'fastify'
import type { WebSocket } from 'ws'
import { channelPath, fromAgent } from '../../common/wire/channel.ts'
import type { FromAgent, FromCollector } from '../../common/wire/channel.ts'

/** A collector in the hands of somebody else: it speaks the channel and sends agents what it likes. */
export interface HostileCollector extends AsyncDisposable {
  readonly url: string
  readonly received: FromAgent[]
  readonly isConnected: boolean
  send(message: FromCollector): void
  sendText(text: string): void
}

export async function startHostileCollector(): Promise<HostileCollector> {
  const server = fastify()
  await server.register(websocket)
  const received: FromAgent[] = []
  let socket: WebSocket | undefined
  server.get(channelPath, { websocket: true }, (one: WebSocket) => {
    socket = one
    one.on('message', (data) => {
      const message = fromAgent.parse(JSON.parse(data.toString('utf8')))
      received.push(message)
      if (message.type !== 'ping') return
      one.send(JSON.stringify({ type: 'pong', id: message.id, nowMs: Date.now(), version: '1' }))
    })
    one.on('error', () => undefined)
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    received,
    get isConnected() {
      return socket?.readyState === 1
    },
    send: (message) => socket?.send(JSON.stringify(message)),
    sendText: (text) => socket?.send(text),
    async [Symbol.asyncDispose]() {
      socket?.terminate()
      await server.close()
    },
  }
}
