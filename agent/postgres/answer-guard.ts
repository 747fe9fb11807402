import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Client } from 'pg'
import { messageOf } from '../../common/errors.ts'
import { createMessageCheck } from './message-check.ts'

/**
 * Makes an answer that the driver cannot read the end of its connection and of nothing else: the driver reads in
 * a listener of the stream, and what is thrown there would end the process. That needs no malice, an
 * authentication method that the driver does not know (gss, sspi) is enough. Call before connecting.
 */
export function guardAnswers(client: Client, socket: Socket, tls: boolean): void {
  // The driver has put its listeners there by then, and nothing was received yet.
  if (tls) client.connection.on('sslconnect', () => guardStream(client.connection.stream, socket))
  else socket.once('connect', () => guardStream(socket, socket))
}

function guardStream(stream: Duplex, socket: Socket): void {
  const check = createMessageCheck()
  const readers = stream.listeners('data')
  stream.removeAllListeners('data')
  stream.on('data', (chunk: Buffer) => {
    try {
      check(chunk)
      for (const read of readers) Reflect.apply(read, stream, [chunk])
    } catch (error) {
      stream.destroy(new Error(`its answer cannot be read: ${messageOf(error)}`, { cause: error }))
      socket.destroy()
    }
  })
}
