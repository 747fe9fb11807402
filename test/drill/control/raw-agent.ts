import { WebSocket } from 'ws'
import { channelPath, fromCollector } from '../../../common/wire/channel.ts'
import type { FromAgent } from '../../../common/wire/channel.ts'
import { commandPayload } from '../../../common/command/payload.ts'

/** An agent's end of a channel that says what the test wants. */
export interface RawAgent extends Disposable {
  say(message: FromAgent): void
  /** Why the collector has closed the channel; undefined while it is open. */
  closedFor(): string | undefined
  /** Bytes that the collector has not read yet. */
  unread(): number
}

/** @param onCommand called with the id of each command */
export async function connectRawAgent(
  collectorUrl: string,
  node: string,
  onCommand: (id: string, agent: RawAgent) => void,
): Promise<RawAgent> {
  const socket = new WebSocket(`${collectorUrl.replace(/^http/, 'ws')}${channelPath}`, {
    perMessageDeflate: false,
  })
  let closedFor: string | undefined
  const agent: RawAgent = {
    say(message) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
    },
    closedFor: () => closedFor,
    unread: () => socket.bufferedAmount,
    [Symbol.dispose]: () => socket.terminate(),
  }
  socket.on('close', (code, reason) => (closedFor = `${code} ${reason.toString('utf8')}`))
  socket.on('message', (data) => {
    const message = fromCollector.parse(JSON.parse(String(data)))
    if (message.type === 'ping') agent.say({ type: 'pong', id: message.id, nowMs: Date.now(), version: '0' })
    if (message.type !== 'command') return
    onCommand(commandPayload.parse(JSON.parse(message.command.payload)).id, agent)
  })
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => resolve())
    socket.on('error', reject)
  })
  const cluster = node.replace(/-\d+$/, '')
  agent.say({ type: 'hello', protocol: 1, node, cluster, ip: '127.0.0.1', version: '0', nowMs: Date.now() })
  return agent
}
