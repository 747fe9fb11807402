import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { version } from '../../common/version.ts'
import { channelMaxBytes, channelProtocol, fromAgent } from '../../common/wire/channel.ts'
import type { FromAgent, FromCollector, HelloMessage } from '../../common/wire/channel.ts'
import { readFrame } from '../../common/wire/channel-frame.ts'
import type { PingView } from '../../common/wire/nodes.ts'
import { closeCodes } from '../../common/wire/close-codes.ts'
import type { ChannelSocket } from '../../common/wire/channel-socket.ts'
import { createFrameBudget, frameCost } from '../../common/wire/frame-budget.ts'
import { createPendingPings } from './pending-pings.ts'

/** What an agent says that is not about the connection itself. */
export type AgentMessage = Exclude<FromAgent, { type: 'hello' | 'ping' | 'pong' | 'unsupported' }>

export interface ConnectionLimits {
  readonly framesPerSecond: number
  readonly frameBurst: number
  /** A connection with more is closed: it is not one of our agents. */
  readonly maxBadFrames: number
  readonly maxPendingPings: number
}

export interface ConnectionOptions {
  readonly clock: Clock
  readonly log: Log
  readonly limits: ConnectionLimits
  readonly counters: { badFrames: number; unknownMessages: number }
  /** What it throws is the reason for which the agent is turned away. */
  readonly onHello: (connection: Connection, hello: HelloMessage) => void
  readonly onSeen: (node: string) => void
  readonly onMessage: (node: string, message: AgentMessage) => void
  /** Called once. */
  readonly onClose: (connection: Connection) => void
}

export interface Connection {
  readonly remoteAddress: string
  /** The node, once its agent has introduced itself. */
  readonly node: string | undefined
  /** When the last valid message came, on the monotonic clock. */
  heardAt(): number
  ping(timeoutMs: number, signal?: AbortSignal): Promise<PingView>
  /** False when the connection has ended, or does so because its other side does not read. */
  send(message: FromCollector): boolean
  close(code: number, reason: string): void
  /** Ends a connection whose other side does not answer. */
  drop(): void
}

/** Bytes that may wait for an agent that does not read before it is dropped. */
const maxBuffered = 4 * channelMaxBytes

export function createConnection(socket: ChannelSocket, options: ConnectionOptions): Connection {
  const { clock, log, limits, counters } = options
  const { remoteAddress } = socket
  const budget = createFrameBudget(
    { perSecond: limits.framesPerSecond, burst: limits.frameBurst },
    clock.monotonic(),
  )
  let node: string | undefined
  let heardAt = clock.monotonic()
  let badFrames = 0
  let over = false

  const finish = () => {
    if (over) return
    over = true
    pending.failAll(new PgherdError('UNREACHABLE', `the channel of ${node ?? 'an agent'} has closed`))
    options.onClose(connection)
  }
  const close = (code: number, reason: string) => {
    // A reason may have 123 bytes; ws throws on a longer one.
    socket.close(
      code,
      Buffer.from(reason)
        .subarray(0, 120)
        .toString('utf8')
        .replace(/\ufffd+$/, ''),
    )
    finish()
  }
  const drop = () => {
    socket.terminate()
    finish()
  }
  const send = (message: FromCollector) => {
    if (over) return false
    if (socket.bufferedBytes > maxBuffered) {
      drop()
      return false
    }
    socket.send(JSON.stringify(message))
    return true
  }
  const pending = createPendingPings({ clock, maxPending: limits.maxPendingPings, send })

  const turnAway = (reason: string) => {
    log.warn({ node, remoteAddress, reason }, 'channel: connection refused')
    close(closeCodes.policyViolation, reason)
  }
  const introduce = (hello: HelloMessage) => {
    if (hello.protocol !== channelProtocol) {
      turnAway(
        `this agent (${hello.version}) speaks protocol ${hello.protocol}, the collector (${version}) ${channelProtocol}: upgrade the collector first`,
      )
      return
    }
    if (socket.node !== undefined && socket.node !== hello.node) {
      turnAway(`the certificate is that of ${socket.node}`)
      return
    }
    if (node !== undefined && node !== hello.node) {
      turnAway('a connection cannot change its node')
      return
    }
    node = hello.node
    try {
      options.onHello(connection, hello)
    } catch (error) {
      turnAway(messageOf(error))
      return
    }
    log.info({ node, remoteAddress, version: hello.version, ip: hello.ip }, 'channel: connected')
  }
  const handle = (message: FromAgent) => {
    if (message.type === 'hello') {
      introduce(message)
      return
    }
    if (node === undefined) {
      turnAway('the first message has to be hello')
      return
    }
    switch (message.type) {
      case 'ping':
        send({ type: 'pong', id: message.id, nowMs: clock.now(), version })
        break
      case 'pong':
        pending.answered(node, message)
        break
      case 'unsupported':
        break
      default:
        options.onMessage(node, message)
    }
    options.onSeen(node)
  }
  const receive = (text: string) => {
    if (over) return
    if (!budget.take(clock.monotonic(), frameCost(text.length))) {
      turnAway(`more than ${limits.framesPerSecond} messages per second`)
      return
    }
    const frame = readFrame(text, fromAgent)
    switch (frame.kind) {
      case 'bad':
        counters.badFrames++
        log.warn({ node, remoteAddress, reason: frame.reason }, 'channel: bad frame')
        if (++badFrames > limits.maxBadFrames) turnAway('too many bad frames')
        return
      case 'unknown':
        counters.unknownMessages++
        heardAt = clock.monotonic()
        send({ type: 'unsupported', received: frame.type })
        return
      case 'message':
        heardAt = clock.monotonic()
        try {
          handle(frame.message)
        } catch (error) {
          // The fleet's disk may be full: that is no reason to lose the channel, and none to crash.
          log.error(
            { node, remoteAddress, error: messageOf(error) },
            'channel: a message could not be handled',
          )
        }
    }
  }

  const connection: Connection = {
    remoteAddress,
    get node() {
      return node
    },
    heardAt: () => heardAt,
    ping: (timeoutMs, signal) => pending.ask(node ?? '', timeoutMs, signal),
    send,
    close,
    drop,
  }
  socket.onText(receive)
  socket.onClose(finish)
  return connection
}
