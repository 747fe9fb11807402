import type { FastifyInstance, FastifyRequest } from 'fastify'
import { channelPath } from '../../../common/wire/channel.ts'
import type { ApiContext } from '../api-context.ts'
import type { ChannelSocket } from '../../../common/wire/channel-socket.ts'
import { authenticate } from '../auth/authenticate.ts'
import { remoteAddressOf } from '../remote-address.ts'
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

// RFC 6455, 7.4.1: the endpoint got a kind of data that it does not accept; what it got is against its policy.
const unsupportedData = 1003
const policyViolation = 1008

/**
 * GET with an upgrade on channelPath: an agent's WebSocket, handed over to the fleet. It is closed as soon as the
 * certificate that it was opened with no longer counts.
 */
export function addChannel(app: FastifyInstance, { deps, openRequests }: ApiContext): void {
  app.get(
    channelPath,
    {
      websocket: true,
      config: { role: 'agent' },
      preValidation: (request, _reply, done) => {
        requireSameOrigin(request)
        done()
      },
    },
    (socket: RawSocket, request: FastifyRequest) => {
      const { principal } = request
      const node = principal?.kind === 'agent' ? principal.node : undefined
      if (node !== undefined) {
        let isClosing = false
        const unwatch = openRequests.watch(request, ({ message }) => {
          if (isClosing) socket.terminate()
          else socket.close(policyViolation, message)
          isClosing = true
        })
        socket.once('close', unwatch)
      }
      const mayGoOn = (): boolean => {
        const still = node === undefined ? undefined : authenticate(request, deps.auth, deps.clock)
        if (still === undefined || !('reason' in still)) return true
        socket.close(policyViolation, still.message)
        return false
      }
      deps.acceptChannel(wrap(socket, { node, remoteAddress: remoteAddressOf(request), mayGoOn }))
    },
  )
}

function wrap(
  socket: RawSocket,
  about: Pick<ChannelSocket, 'node' | 'remoteAddress'> & {
    /** Asked before what the agent says is heard; certificates expire while a channel is open. */
    readonly mayGoOn: () => boolean
  },
): ChannelSocket {
  return {
    remoteAddress: about.remoteAddress,
    node: about.node,
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    onText: (listener) =>
      socket.on('message', (data, isBinary) => {
        if (isBinary) socket.close(unsupportedData, 'only text frames are accepted')
        else if (about.mayGoOn()) listener(data.toString('utf8'))
      }),
    onClose: (listener) => socket.once('close', listener),
  }
}
