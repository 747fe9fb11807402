import type { WebSocket } from 'ws'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import { version } from '../../common/version.ts'
import { channelMaxBytes, channelProtocol, fromCollector } from '../../common/wire/channel.ts'
import type { FromAgent, FromCollector, HelloMessage } from '../../common/wire/channel.ts'
import { readFrame } from '../../common/wire/channel-frame.ts'
import { closeCodes } from '../../common/wire/close-codes.ts'
import { createFrameBudget, frameCost } from '../../common/wire/frame-budget.ts'
import type { ChannelCommands, NamedServers } from './commands.ts'
import { sendBackups } from './backup-sending.ts'
import type { ChannelBackups } from './backup-sending.ts'
import { sendHealth } from './health-sending.ts'
import type { ChannelHealth } from './health-sending.ts'
import { sendInsight } from './insight-sending.ts'
import type { ChannelInsight } from './insight-sending.ts'
import { createOutbox } from './outbox.ts'

export interface ConversationCounters {
  pingsAnswered: number
  /** Frames that are not a message: too large, not text, not JSON, or of the wrong shape. */
  badFrames: number
  /** Messages of a type that this release does not know. */
  unknownMessages: number
  commandsReceived: number
  /** Progress and output of commands that found no room, and what is larger than a frame may be. */
  droppedMessages: number
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
  /** Without them this agent supports no commands. */
  readonly commands?: ChannelCommands
  readonly servers?: NamedServers
  readonly health?: ChannelHealth
  readonly backups?: ChannelBackups
  readonly insight?: ChannelInsight
}

/** Bytes that may wait for a collector that does not read before the connection is given up. */
const maxBuffered = 4 * channelMaxBytes

/** What a collector may send: far more than one does, so that a mad one takes no more than a part of a processor. */
const collectorFrames = { perSecond: 500, burst: 5_000 }

/** How soon the collector learns of a server's identity after the agent did. */
const watchMs = 2_000

/** How a connection ended. */
export interface ConversationEnd {
  readonly opened: boolean
  /** By a newer one of the same node: another agent has its name. */
  readonly isReplaced: boolean
  readonly reason: string
}

/** One connection from dialling to its end. */
export async function talk(socket: WebSocket, options: ConversationOptions): Promise<ConversationEnd> {
  const { clock, counters, signal, commands } = options
  const over = new AbortController()
  const untilUnsupported = {
    health: new AbortController(),
    backup: new AbortController(),
    insight: new AbortController(),
  }
  const isToldUnasked = (type: string): type is keyof typeof untilUnsupported =>
    Object.hasOwn(untilUnsupported, type)
  const outcome = { opened: false, isReplaced: false, reason: 'the connection was closed' }
  const awaitedPongs = new Set<string>()

  const end = (why: string) => {
    if (over.signal.aborted) return
    outcome.reason = why
    over.abort()
  }
  const outbox = createOutbox({
    clock,
    counters,
    signal: over.signal,
    write(text) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > maxBuffered) end('the collector does not read')
      else socket.send(text)
    },
    onRoom: () => commands?.connected((message) => outbox.send(message)),
  })
  const send = (message: FromAgent) => outbox.sendNow(message)
  const budget = createFrameBudget(collectorFrames, clock.monotonic())
  const handle = (message: FromCollector) => {
    switch (message.type) {
      case 'ping':
        counters.pingsAnswered++
        send({ type: 'pong', id: message.id, nowMs: clock.now(), version })
        return
      case 'pong':
        awaitedPongs.delete(message.id)
        return
      case 'command':
        if (commands === undefined) send({ type: 'unsupported', received: message.type })
        else {
          counters.commandsReceived++
          commands.submit(message.command)
        }
        return
      case 'result-stored':
        commands?.resultStored(message.id)
        return
      case 'audit-stored':
        commands?.auditStored(message.seq, message.hash)
        return
      case 'audit-head':
        commands?.collectorHead?.(message.seq, message.hash)
        return
      case 'insight-stored':
        options.insight?.stored(message.ids)
        return
      case 'unsupported':
        // An older collector: no harm, and no use in going on.
        if (isToldUnasked(message.received)) untilUnsupported[message.received].abort()
        return
    }
  }
  const receive = (text: string | undefined) => {
    if (over.signal.aborted) return
    counters.lastHeardMs = clock.now()
    if (!budget.take(clock.monotonic(), frameCost(text?.length ?? 0))) {
      end('the collector sends too much')
      return
    }
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
    try {
      handle(frame.message)
    } catch (error) {
      end(`a ${frame.message.type} message could not be handled: ${messageOf(error)}`)
    }
  }
  const introduce = async () => {
    send({ type: 'hello', protocol: channelProtocol, ...options.identity, nowMs: clock.now() })
    const told = new Map<string, string>()
    const tell = (message: FromAgent) => {
      const text = JSON.stringify(message)
      if (told.get(message.type) === text) return
      told.set(message.type, text)
      send(message)
    }
    const tellWhatChanged = () => {
      if (options.servers !== undefined) tell({ type: 'servers', servers: options.servers() })
      if (commands !== undefined) tell({ type: 'actions', actions: [...commands.actions()] })
    }
    tellWhatChanged()
    commands?.connected((message) => outbox.send(message))
    const { health, backups, insight } = options
    const whileTaken = (type: keyof typeof untilUnsupported) =>
      AbortSignal.any([over.signal, untilUnsupported[type].signal])
    if (health !== undefined) void sendHealth(health, { send, clock, signal: whileTaken('health') })
    if (backups !== undefined) void sendBackups(backups, { send, clock, signal: whileTaken('backup') })
    if (insight !== undefined) {
      const later = (message: FromAgent) => outbox.send(message)
      void sendInsight(insight, { send: later, clock, signal: whileTaken('insight') })
    }
    while (!over.signal.aborted) {
      await clock.sleep(watchMs, over.signal)
      tellWhatChanged()
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
    void introduce()
    void heartbeat()
  })
  socket.on('message', (data, isBinary) => receive(isBinary ? undefined : data.toString('utf8')))
  socket.on('error', (error) => end(messageOf(error)))
  socket.on('close', (code, reason) => {
    outcome.isReplaced = code === closeCodes.replaced && !over.signal.aborted
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
  if (outcome.opened) commands?.disconnected()
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
