import { createSocket } from 'node:dgram'
import type { Clock } from '../../../common/clock.ts'

/** Sends one datagram to a port of this machine and reads answers. */
export interface DatagramQuery<T> {
  readonly port: number
  readonly request: Buffer
  /**
   * Looks at an answer.
   * @returns what it says, or undefined to wait for another one
   */
  accept(answer: Buffer): T | undefined
  readonly timeoutMs: number
}

const loopback = '127.0.0.1'
/** A daemon answers once or in few parts; whoever sends more than this is none. */
const maxAnswers = 32

/**
 * Asks whoever listens on a UDP port of the loopback address. The socket is connected, so that answers can come from
 * there only and a closed port is known at once (ICMP), and it is closed before the result is given.
 * @returns undefined when nobody listens, nobody answers in time or no answer is acceptable; it never rejects
 */
export async function askDatagram<T>(query: DatagramQuery<T>, clock: Clock): Promise<T | undefined> {
  const socket = createSocket('udp4')
  const done = new AbortController()
  try {
    const answered = new Promise<T | undefined>((resolve) => {
      let answers = 0
      socket.on('error', () => resolve(undefined))
      socket.on('message', (answer) => {
        const said = query.accept(answer)
        if (said !== undefined || ++answers >= maxAnswers) resolve(said)
      })
      // Bound to loopback before it is connected: no packet from outside can come in between.
      socket.bind(0, loopback, () => {
        socket.connect(query.port, loopback, () => {
          // It throws where the socket could not be connected after all.
          try {
            socket.send(query.request)
          } catch {
            resolve(undefined)
          }
        })
      })
    })
    return await Promise.race([answered, clock.sleep(query.timeoutMs, done.signal).then(() => undefined)])
  } finally {
    done.abort()
    socket.close()
  }
}
