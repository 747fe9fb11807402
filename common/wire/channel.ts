import { z } from 'zod'

/**
 * Messages on the agent's outbound WebSocket, one JSON object per text frame. The collector never needs a
 * port on the database host. Unknown message types are answered with `unsupported`, so that either side may
 * be newer than the other.
 */
export const channelPath = '/api/v1/agent/channel'

/** A frame larger than this is a protocol error. */
export const channelMaxBytes = 1 << 20

/** First message of an agent after connecting. */
export const helloMessage = z.object({
  type: z.literal('hello'),
  protocol: z.literal(1),
  /** `<cls>-<seq>`, the node's name in the fleet. */
  node: z.string().min(1).max(128),
  cluster: z.string().min(1).max(128),
  ip: z.string().min(1).max(64),
  version: z.string().max(64),
  /** Milliseconds since the epoch on the agent's clock, to detect skew. */
  nowMs: z.number(),
})
export type HelloMessage = z.infer<typeof helloMessage>

/** Collector to agent: answer at once. Agent to collector: the heartbeat of an idle channel. */
export const pingMessage = z.object({ type: z.literal('ping'), id: z.string().min(1).max(64) })
export const pongMessage = z.object({
  type: z.literal('pong'),
  id: z.string().min(1).max(64),
  nowMs: z.number(),
  version: z.string().max(64),
})
export type PongMessage = z.infer<typeof pongMessage>

export const unsupportedMessage = z.object({
  type: z.literal('unsupported'),
  received: z.string().max(64),
})

export const fromAgent = z.discriminatedUnion('type', [
  helloMessage,
  pingMessage,
  pongMessage,
  unsupportedMessage,
])
export type FromAgent = z.infer<typeof fromAgent>

export const fromCollector = z.discriminatedUnion('type', [pingMessage, pongMessage, unsupportedMessage])
export type FromCollector = z.infer<typeof fromCollector>
