import { z } from 'zod'
import { serversMessage } from './channel.ts'

/** GET /api/v1/nodes: what the fleet looks like to an operator. Times are milliseconds since the epoch. */
export const nodeView = z.object({
  node: z.string(),
  cluster: z.string(),
  ip: z.string(),
  version: z.string(),
  /** Whether the agent's channel is open now. */
  connected: z.boolean(),
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
  /** Positive when the agent's clock is ahead of the collector's. */
  clockSkewMs: z.number(),
  /** By more than `allowedSkewMs`: commands for this node may be refused as not yet valid, or as expired. */
  clockSkewed: z.boolean().default(false),
  /** What commands can name; as the agent said last, also when it is away. */
  servers: serversMessage.shape.servers.default([]),
  /** How often the agent's audit did not continue as the collector had it: see GET /api/v1/audit. */
  auditBreaks: z.number().default(0),
  /** From the newest samples; null when there are none within the lookback of five minutes. */
  role: z.enum(['primary', 'standby']).nullable(),
  up: z.boolean().nullable(),
  lastSampleMs: z.number().nullable(),
})
export type NodeView = z.infer<typeof nodeView>
export const nodesAnswer = z.object({ status: z.literal('success'), data: z.array(nodeView) })

/** POST /api/v1/nodes/:node/ping: the answer of the agent itself, not of the collector. */
export const pingView = z.object({
  node: z.string(),
  roundTripMs: z.number(),
  version: z.string(),
  clockSkewMs: z.number(),
})
export type PingView = z.infer<typeof pingView>
export const pingAnswer = z.object({ status: z.literal('success'), data: pingView })

/** Every error of the HTTP API, in Prometheus' shape. */
export const errorAnswer = z.object({
  status: z.literal('error'),
  errorType: z.string(),
  error: z.string(),
})
