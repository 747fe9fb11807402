import { once } from 'node:events'
import { Socket, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import type { Target } from './target.ts'

/** What a backend gave at its start, and what ends its statement ("BackendKeyData" in the manual's "Message Formats"). */
export interface BackendKey {
  readonly processId: number
  readonly secret: number
}

const cancelRequestCode = 80_877_102
const sslRequestCode = 80_877_103

/**
 * Asks the server to cancel what a backend is doing ("Canceling Requests in Progress"): a connection that carries one message
 * and is no session. The server never says whether it had an effect: the statement's own answer tells.
 * @throws PgherdError TIMED_OUT, and what the socket throws
 */
export async function sendCancelRequest(
  target: Target,
  key: BackendKey,
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  const socket = new Socket()
  socket.on('error', () => undefined)
  try {
    if ((await withinDeadline(exchange(socket, target, key), timeoutMs, clock)) === late) {
      throw new PgherdError('TIMED_OUT', `no answer to a cancel request within ${Math.round(timeoutMs)} ms`)
    }
  } finally {
    socket.destroy()
  }
}

async function exchange(socket: Socket, target: Target, key: BackendKey): Promise<void> {
  const { host, port } = target
  if (host.startsWith('/')) socket.connect(`${host}/.s.PGSQL.${port}`)
  else socket.connect(port, host)
  await once(socket, 'connect')
  const stream = target.tls === undefined ? socket : await encrypted(socket, target, target.tls)
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(cancelRequestCode, 4)
  request.writeInt32BE(key.processId, 8)
  request.writeInt32BE(key.secret, 12)
  stream.end(request)
  stream.resume()
  // It closes when the signal is sent.
  await once(socket, 'close')
}

async function encrypted(socket: Socket, { host }: Target, tls: NonNullable<Target['tls']>): Promise<Duplex> {
  const request = Buffer.alloc(8)
  request.writeInt32BE(8, 0)
  request.writeInt32BE(sslRequestCode, 4)
  socket.write(request)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  if (answer.toString() !== 'S') throw new PgherdError('POSTGRES_UNAVAILABLE', 'the server speaks no TLS')
  const stream = connectTls({ socket, ...tls, ...(isIP(host) === 0 ? { servername: host } : {}) })
  stream.on('error', () => undefined)
  await once(stream, 'secureConnect')
  return stream
}
