import type { WebSocket } from 'ws'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import { version } from '../../common/version.ts'
import { channelMaxBytes, fromCollector } from '../../common/wire/channel.ts'
import type { FromAgent, HelloMessage } from '../../common/wire/channel.ts'
import { readFrame } from '../../common/wire/channel-frame.ts'

export interface ConversationCounters {
  pingsAnswered: number
  /** Frames that are not a message: too large, not text, not JSON, or of the wrong shape. */
  badFrames: number
  /** Messages of a type that this release does not know. */
  unknownMessages: number
  lastHeardMs: number | undefined
}

export interface ConversationOptions {
  readonly identity: Omit<HelloMessage, 'type' | 'protocol' | 'nowMs'>
  readonly clock: Clock
  readonly heartbeatMs: number
  readonly deadlineMs: number
  readonly counters: ConversationCounters
  readonly signal: AbortSignal
  readonly onOpen: () => void
  /** The other side has sent a valid message: this is a collector. */
  readonly onWelcome: () => void
}

/** Bytes that may wait for a collector that does not read before the connection is given up. */
const maxBuffered = 4 * channelMaxBytes

/** One connection from dialling to its end: whether it was ever open, and why it ended. */
export async function talk(
  socket: WebSocket,
  options: ConversationOptions,
): Promise<{ opened: boolean; reason: string }> {
  const { clock, counters, signal } = options
  const over = new AbortController()
  const outcome = { opened: false, reason: 'the connection was closed' }
  const awaitedPongs = new Set<string>()

  const end = (why: string) => {
    if (over.signal.aborted) return
    outcome.reason = why
    over.abort()
  }
  const send = (message: FromAgent) => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > maxBuffered) end('the collector does not read')
    else socket.send(JSON.stringify(message))
  }
  const receive = (text: string | undefined) => {
    counters.lastHeardMs = clock.now()
    const frame = readFrame(text, fromCollector)
    if (frame.kind === 'bad') {
      counters.badFrames++
      return
    }
    if (frame.kind === 'unknown') {
      counters.unknownMessages++
      send({ type: 'unsupported', received: frame.type })
      return
    }
    options.onWelcome()
    const { message } = frame
    switch (message.type) {
      case 'ping':
        counters.pingsAnswered++
        send({ type: 'pong', id: message.id, nowMs: clock.now(), version })
        return
      case 'pong':
        awaitedPongs.delete(message.id)
        return
      case 'unsupported':
        return
    }
  }
  const heartbeat = async () => {
    const deadlineMs = Math.min(options.deadlineMs, options.heartbeatMs)
    for (let beat = 1; !over.signal.aborted; beat++) {
      await clock.sleep(options.heartbeatMs - (beat === 1 ? 0 : deadlineMs), over.signal)
      const id = `heartbeat-${beat}`
      awaitedPongs.add(id)
      send({ type: 'ping', id })
      await clock.sleep(deadlineMs, over.signal)
      if (awaitedPongs.has(id)) end(`no answer to a heartbeat within ${deadlineMs} ms`)
    }
  }
  const limitConnecting = async () => {
    await clock.sleep(options.deadlineMs, over.signal)
    if (socket.readyState === socket.CONNECTING) end(`no connection within ${options.deadlineMs} ms`)
  }

  socket.on('open', () => {
    outcome.opened = true
    options.onOpen()
    send({ type: 'hello', protocol: 1, ...options.identity, nowMs: clock.now() })
    void heartbeat()
  })
  socket.on('message', (data, isBinary) => receive(isBinary ? undefined : data.toString('utf8')))
  socket.on('error', (error) => end(messageOf(error)))
  socket.on('close', (code, reason) => {
    end(reason.length === 0 ? `the connection was closed (${code})` : reason.toString('utf8'))
  })
  void limitConnecting()
  const stop = () => end('the agent is stopping')
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  await new Promise<void>((resolve) => {
    if (over.signal.aborted) resolve()
    else over.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  signal.removeEventListener('abort', stop)
  await closed(socket, options)
  return outcome
}

/** Closes and waits for the other side, but not for long: the next connection must not overtake this one. */
async function closed(socket: WebSocket, { clock }: ConversationOptions): Promise<void> {
  if (socket.readyState === socket.CLOSED) return
  const done = new AbortController()
  socket.on('close', () => done.abort())
  socket.close(1000)
  await clock.sleep(1_000, done.signal)
  socket.terminate()
}
