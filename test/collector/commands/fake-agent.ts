import { vi } from 'vitest'
import { fromCollector } from '../../../common/wire/channel.ts'
import type { FromCollector } from '../../../common/wire/channel.ts'
import type { ChannelHub } from '../../../collector/commands/channel-hub.ts'

type OfType<Type> = Extract<FromCollector, { type: Type }>

/** The other end of a connection, which does whatever the test says. */
export interface FakeAgent {
  readonly sent: readonly FromCollector[]
  readonly closes: readonly (readonly [code: number, reason: string])[]
  all<Type extends FromCollector['type']>(type: Type): OfType<Type>[]
  /** Resolves with the messages of a type when there are so many. */
  until<Type extends FromCollector['type']>(type: Type, count?: number): Promise<OfType<Type>[]>
  say(message: unknown): void
  hangUp(): void
}

export function connectAgent(hub: ChannelHub, node: string | undefined, nowMs = 0): FakeAgent {
  const sent: FromCollector[] = []
  const closes: (readonly [number, string])[] = []
  let onText: (text: string) => void = () => undefined
  let onClose: () => void = () => undefined
  hub.accept({
    remoteAddress: '192.0.2.1',
    bufferedBytes: 0,
    send: (text) => void sent.push(fromCollector.parse(JSON.parse(text))),
    close: (code, reason) => void closes.push([code, reason]),
    terminate: () => void closes.push([0, 'terminated']),
    onText: (listener) => void (onText = listener),
    onClose: (listener) => void (onClose = listener),
  })
  const agent: FakeAgent = {
    sent,
    closes,
    all: <Type extends FromCollector['type']>(type: Type) =>
      sent.filter((message): message is OfType<Type> => message.type === type),
    until: (type, count = 1) =>
      vi.waitUntil(() => (agent.all(type).length >= count ? agent.all(type) : undefined), { interval: 2 }),
    say: (message) => onText(typeof message === 'string' ? message : JSON.stringify(message)),
    hangUp: () => onClose(),
  }
  if (node !== undefined) {
    const cluster = node.replace(/-\d+$/, '')
    agent.say({ type: 'hello', protocol: 1, node, cluster, ip: '192.0.2.1', version: '0.1.0', nowMs })
  }
  return agent
}
