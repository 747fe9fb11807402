import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FromCollector, HelloMessage } from '../../common/wire/channel.ts'
import { frameLimits } from '../../common/wire/frame-budget.ts'
import type { PingView } from '../../common/wire/nodes.ts'
import { closeCodes } from '../../common/wire/close-codes.ts'
import type { ChannelSocket } from '../../common/wire/channel-socket.ts'
import { createConnection } from './connection.ts'
import type { AgentMessage, Connection, ConnectionLimits } from './connection.ts'

export interface ChannelHubOptions {
  readonly clock: Clock
  readonly log: Log
  /** Whether the fleet has ever heard of a node: decides between NOT_FOUND and UNREACHABLE. */
  readonly isKnown: (node: string) => boolean
  /** An agent has introduced itself. What it throws is the reason for which the agent is turned away. */
  readonly onHello: (hello: HelloMessage) => void
  /** It is taken: from now on it can be told something. */
  readonly onConnected?: (node: string) => void
  /** What it says of its servers, its actions, its commands and its audit. */
  readonly onMessage?: (node: string, message: AgentMessage) => void
  /** A valid message came from a node. */
  readonly onSeen: (node: string) => void
  /** A node's channel has ended, and no newer one has replaced it. */
  readonly onGone: (node: string) => void
  readonly limits?: Partial<HubLimits>
}

export interface HubLimits extends ConnectionLimits {
  readonly maxConnections: number
  /** A channel that is silent for longer is given up; agents send a heartbeat every 15 s. */
  readonly idleMs: number
  /** From connecting to the hello message. */
  readonly helloMs: number
}

export interface ChannelHubStats {
  readonly connections: number
  readonly connectedNodes: number
  readonly badFrames: number
  readonly unknownMessages: number
  readonly pingsSent: number
  readonly replacedConnections: number
  readonly refusedConnections: number
  readonly idleConnections: number
}

export interface ChannelHub extends AsyncDisposable {
  /** Takes over a WebSocket that an agent has opened. */
  accept(socket: ChannelSocket): void
  /**
   * Asks a node's agent for a sign of life, and measures it.
   * @throws PgherdError NOT_FOUND for a node nobody has heard of, UNREACHABLE when its channel is not open or
   * breaks meanwhile, TIMED_OUT, CANCELLED by the signal
   */
  ping(node: string, timeoutMs: number, signal?: AbortSignal): Promise<PingView>
  /** False when the node's channel is not open. */
  send(node: string, message: FromCollector): boolean
  isConnected(node: string): boolean
  connectedNodes(): Iterable<string>
  /** Ends a node's channel for a reason that its agent is told. */
  disconnect(node: string, reason: string): void
  stats(): ChannelHubStats
}

const defaults: HubLimits = {
  maxConnections: 4_000,
  idleMs: 40_000,
  helloMs: 10_000,
  framesPerSecond: frameLimits.perSecond,
  frameBurst: frameLimits.burst,
  maxBadFrames: 10,
  maxPendingPings: 100,
}

/** The collector's end of the agents' channels: who is connected, and how to ask one of them something. */
export function createChannelHub(options: ChannelHubOptions): ChannelHub {
  const { clock, log } = options
  const limits = { ...defaults, ...options.limits }
  const connections = new Set<Connection>()
  const byNode = new Map<string, Connection>()
  const counters = {
    badFrames: 0,
    unknownMessages: 0,
    pingsSent: 0,
    replacedConnections: 0,
    refusedConnections: 0,
    idleConnections: 0,
  }
  const stop = new AbortController()

  const introduce = (connection: Connection, hello: HelloMessage) => {
    options.onHello(hello)
    const earlier = byNode.get(hello.node)
    byNode.set(hello.node, connection)
    if (earlier !== undefined && earlier !== connection) replace(earlier, connection, hello)
    options.onConnected?.(hello.node)
  }
  const replace = (earlier: Connection, connection: Connection, hello: HelloMessage) => {
    counters.replacedConnections++
    log.warn(
      { node: hello.node, remoteAddress: connection.remoteAddress, replaces: earlier.remoteAddress },
      'channel: a second connection of this node replaces the first; two agents with one name?',
    )
    earlier.close(closeCodes.replaced, 'replaced by a newer connection of the same node')
  }
  const forget = (connection: Connection) => {
    connections.delete(connection)
    const { node } = connection
    if (node === undefined || byNode.get(node) !== connection) return
    byNode.delete(node)
    log.info({ node, remoteAddress: connection.remoteAddress }, 'channel: closed')
    options.onGone(node)
  }

  const sweep = () => {
    const now = clock.monotonic()
    for (const connection of connections) {
      const allowedMs = connection.node === undefined ? limits.helloMs : limits.idleMs
      if (now - connection.heardAt() <= allowedMs) continue
      counters.idleConnections++
      log.warn(
        { node: connection.node, remoteAddress: connection.remoteAddress },
        'channel: silent for too long',
      )
      connection.drop()
    }
  }
  const sweepForEver = async () => {
    const everyMs = Math.min(limits.helloMs, limits.idleMs) / 4
    while (!stop.signal.aborted) {
      await clock.sleep(everyMs, stop.signal)
      sweep()
    }
  }
  void sweepForEver()

  return {
    accept(socket) {
      if (connections.size >= limits.maxConnections || stop.signal.aborted) {
        counters.refusedConnections++
        socket.close(closeCodes.goingAway, 'the collector takes no more connections')
        return
      }
      const connection = createConnection(socket, {
        clock,
        log,
        limits,
        counters,
        onHello: introduce,
        onSeen: options.onSeen,
        onMessage: (node, message) => options.onMessage?.(node, message),
        onClose: forget,
      })
      connections.add(connection)
    },
    async ping(node, timeoutMs, signal) {
      const connection = byNode.get(node)
      if (connection === undefined) {
        if (!options.isKnown(node)) throw new PgherdError('NOT_FOUND', `no node is called "${node}"`)
        throw new PgherdError('UNREACHABLE', `the agent of ${node} is not connected`)
      }
      counters.pingsSent++
      return connection.ping(timeoutMs, signal)
    },
    send: (node, message) => byNode.get(node)?.send(message) ?? false,
    isConnected: (node) => byNode.has(node),
    connectedNodes: () => byNode.keys(),
    disconnect: (node, reason) => byNode.get(node)?.close(closeCodes.goingAway, reason),
    stats: () => ({ ...counters, connections: connections.size, connectedNodes: byNode.size }),
    [Symbol.asyncDispose]() {
      stop.abort()
      for (const connection of connections) {
        connection.close(closeCodes.goingAway, 'the collector is stopping')
      }
      return Promise.resolve()
    },
  }
}
