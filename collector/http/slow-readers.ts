import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../common/clock.ts'

/** A reader that takes less keeps an answer in memory for hours. */
const leastBytesPerSecond = 1024

interface Progress {
  sinceMs: number
  /** Bytes that the kernel had taken then. */
  taken: number
}

/**
 * Closes connections that have something to take and take next to nothing for `stallMs`. Time in which the server has
 * nothing to send does not count: a query may run, and an idle connection may idle.
 * @returns ends with the signal
 */
export async function cutSlowReaders(
  server: Server,
  { clock, stallMs, onCut }: { readonly clock: Clock; readonly stallMs: number; readonly onCut: () => void },
  signal: AbortSignal,
): Promise<void> {
  const connections = new Map<Socket, Progress>()
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { sinceMs: clock.monotonic(), taken: 0 })
    socket.once('close', () => connections.delete(socket))
  })
  const enough = (stallMs / 1000) * leastBytesPerSecond
  for (;;) {
    await clock.sleep(stallMs / 4, signal)
    if (signal.aborted) return
    const nowMs = clock.monotonic()
    for (const [socket, progress] of connections) {
      const taken = socket.bytesWritten - socket.writableLength
      if (socket.writableLength === 0 || taken - progress.taken >= enough) {
        progress.sinceMs = nowMs
        progress.taken = taken
      } else if (nowMs - progress.sinceMs >= stallMs) {
        socket.destroy()
        onCut()
      }
    }
  }
}
