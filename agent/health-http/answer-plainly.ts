import type { Socket } from 'node:net'
import { readPlainRequest } from './plain-request.ts'
import type { PlainRequest } from './plain-request.ts'

const firstTimeoutMs = 5_000
export const keptOpenMs = 30_000

/**
 * Answers the requests of one connection as they come, as long as each is a plain one; the first that is not goes, with the connection,
 * to whoever can read everything. A load balancer opens a connection for each check, and node:http takes most of such a check's time.
 * @param answer - the bytes of an answer, head and body
 * @param handOver - takes the connection at once; what was read is put back right after it
 */
export function answerPlainly(
  socket: Socket,
  answer: (request: PlainRequest) => string,
  handOver: (socket: Socket) => void,
): void {
  const drop = (): void => void socket.destroy()
  const resume = (): void => void socket.resume()
  const read = (chunk: Buffer): void => {
    const request = readPlainRequest(chunk)
    if (request === undefined) {
      socket.off('data', read).off('timeout', drop).off('error', drop).off('drain', resume)
      socket.setTimeout(0)
      handOver(socket)
      // Only now there is somebody who listens, and the connection never stopped flowing.
      socket.unshift(chunk)
      return
    }
    const text = answer(request)
    if (!request.staysOpen) {
      socket.end(text)
      return
    }
    socket.setTimeout(keptOpenMs)
    // Who does not read its answers gets no more of them.
    if (!socket.write(text)) socket.pause()
  }
  socket.setTimeout(firstTimeoutMs)
  socket.on('timeout', drop).on('error', drop).on('drain', resume).on('data', read)
}
