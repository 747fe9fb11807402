import type { FastifyInstance, FastifyRequest } from 'fastify'
import { channelPath } from '../../../common/wire/channel.ts'
import type { ApiContext } from '../api-context.ts'
import type { ChannelSocket } from '../../../common/wire/channel-socket.ts'
import { requireSameOrigin } from '../same-origin.ts'

/** The part of a `ws` socket that is used; the library comes without types. */
interface RawSocket {
  readonly bufferedAmount: number
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void
  once(event: 'close', listener: () => void): void
}

/** RFC 6455, 7.4.1: the endpoint got a kind of data that it does not accept. */
const unsupportedData = 1003

/** GET with an upgrade on channelPath: an agent's WebSocket, handed over to the fleet. */
export function addChannel(app: FastifyInstance, { deps }: ApiContext): void {
  app.get(
    channelPath,
    {
      websocket: true,
      preValidation: (request, _reply, done) => {
        requireSameOrigin(request)
        done()
      },
    },
    (socket: RawSocket, request: FastifyRequest) => deps.acceptChannel(wrap(socket, request.ip)),
  )
}

function wrap(socket: RawSocket, remoteAddress: string): ChannelSocket {
  return {
    remoteAddress,
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    onText: (listener) =>
      socket.on('message', (data, isBinary) => {
        if (isBinary) socket.close(unsupportedData, 'only text frames are accepted')
        else listener(data.toString('utf8'))
      }),
    onClose: (listener) => socket.once('close', listener),
  }
}
