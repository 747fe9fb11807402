import { Agent } from 'node:https'
import { WebSocket } from 'ws'
import { createBackoff } from '../../common/backoff.ts'
import type { Backoff } from '../../common/backoff.ts'
import type { Clock } from '../../common/clock.ts'
import { hidePassword } from '../../common/config/kinds.ts'
import { messageOf } from '../../common/errors.ts'
import type { TlsFiles } from '../../common/http-client.ts'
import type { Log } from '../../common/log.ts'
import { proxyEnvOf } from '../../common/proxy.ts'
import type { Proxy } from '../../common/proxy.ts'
import { channelMaxBytes } from '../../common/wire/channel.ts'
import type { HelloMessage } from '../../common/wire/channel.ts'
import type { ChannelCommands, NamedServers } from './commands.ts'
import type { ChannelBackups } from './backup-sending.ts'
import type { ChannelHealth } from './health-sending.ts'
import type { ChannelInsight } from './insight-sending.ts'
import { talk } from './conversation.ts'
import type { ConversationCounters } from './conversation.ts'

export interface ChannelOptions {
  /** ws: or wss:, with the path of common/wire/channel.ts. */
  readonly url: string
  /** Who this agent is; the current time is added when a connection opens. */
  readonly identity: Omit<HelloMessage, 'type' | 'protocol' | 'nowMs'>
  readonly clock: Clock
  readonly log: Log
  readonly backoff?: Backoff
  /** Whom to trust and who we are; read anew for each connection, because certificates are renewed. */
  readonly tls?: () => Promise<TlsFiles>
  /** For wss: the collector is reached through it. */
  readonly proxy?: Proxy | undefined
  /** An idle channel is asked for a sign of life this often; 15 s unless told. */
  readonly heartbeatMs?: number
  /** For connecting, and for the answer to a heartbeat; 10 s unless told. */
  readonly deadlineMs?: number
  /** Who answers commands; without them there are none. */
  readonly commands?: ChannelCommands
  readonly servers?: NamedServers
  /** Who knows the state of this host's servers; without it the collector hears of none. */
  readonly health?: ChannelHealth
  /** Who knows of backups; without it the collector hears of none. */
  readonly backups?: ChannelBackups
  /** Who keeps reports of what is in the databases; without it the collector hears of none. */
  readonly insight?: ChannelInsight
}

export interface ChannelStats extends Readonly<ConversationCounters> {
  readonly connected: boolean
  /** Connections that were opened, the first included. */
  readonly connects: number
  readonly failedConnects: number
}

export interface Channel {
  /** Keeps a connection to the collector until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  stats(): ChannelStats
}

/**
 * The agent's end of the command channel. The agent dials out, so that a database host needs no open port; a
 * connection that breaks or falls silent is replaced, with jitter, so that a fleet does not come back at once.
 */
export function createChannel(options: ChannelOptions): Channel {
  const { clock, log } = options
  const backoff = options.backoff ?? createBackoff({ firstMs: 1_000, maxMs: 60_000 })
  const counters: ConversationCounters = {
    pingsAnswered: 0,
    badFrames: 0,
    unknownMessages: 0,
    commandsReceived: 0,
    droppedMessages: 0,
    lastHeardMs: undefined,
  }
  const url = hidePassword(options.url)
  const isSecure = options.url.startsWith('wss:')
  let connected = false
  let connects = 0
  let failedConnects = 0

  const connectOnce = async (signal: AbortSignal) => {
    let tls: TlsFiles | undefined
    try {
      tls = await options.tls?.()
    } catch (error) {
      failedConnects++
      return { opened: false, isReplaced: false, reason: messageOf(error) }
    }
    const socket = new WebSocket(options.url, {
      ...tls,
      maxPayload: channelMaxBytes,
      // Messages are small, and a compression context per connection would cost more than it saves.
      perMessageDeflate: false,
      ...(isSecure && options.proxy !== undefined
        ? { agent: new Agent({ ...tls, ...proxyEnvOf(options.proxy) }) }
        : {}),
    })
    const heard = { welcome: false }
    const end = await talk(socket, {
      ...options,
      heartbeatMs: options.heartbeatMs ?? 15_000,
      deadlineMs: options.deadlineMs ?? 10_000,
      counters,
      signal,
      onOpen() {
        connected = true
        connects++
        log.info({ url }, 'channel: connected to the collector')
      },
      onWelcome: () => (heard.welcome = true),
    })
    connected = false
    // Two agents with one name would else push each other out once a second, for ever.
    if (heard.welcome && !end.isReplaced) backoff.reset()
    if (!end.opened) failedConnects++
    return end
  }

  return {
    async run(signal) {
      if (signal.aborted) return
      for (let failing = false; ;) {
        const { opened, reason } = await connectOnce(signal)
        if (isAborted(signal)) return
        // The first failure of a series is news, its repetitions are not.
        log[opened || !failing ? 'warn' : 'debug']({ url, reason }, 'channel: not connected')
        failing = !opened
        await clock.sleep(backoff.next(), signal)
        if (isAborted(signal)) return
      }
    },
    stats: () => ({ ...counters, connected, connects, failedConnects }),
  }
}

/** A signal can abort during an await, which the narrowing of a property does not know. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
