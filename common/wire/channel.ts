import { z } from 'zod'
import { auditEntry } from '../audit/entry.ts'
import { actionDescription } from '../command/action-description.ts'
import { commandResult } from '../command/result.ts'
import { signedCommand } from '../command/signed-command.ts'
import { backupMessage } from '../backup/backup-report.ts'
import { healthMessage } from '../health/instance-health.ts'
import { insightMessage, insightStoredMessage } from '../insight/insight-report.ts'

/**
 * Messages on the agent's outbound WebSocket, one JSON object per text frame. The collector never needs a
 * port on the database host. Unknown message types are answered with `unsupported`, so that either side may
 * be newer than the other.
 */
export const channelPath = '/api/v1/agent/channel'

/** A frame larger than this is a protocol error. */
export const channelMaxBytes = 1 << 20

/**
 * Raised by a change that the other side cannot step over: messages of a new type and further fields are none. A collector
 * of release N speaks the one of N - 1, too.
 */
export const channelProtocol = 1

/** First message of an agent after connecting. */
export const helloMessage = z.object({
  type: z.literal('hello'),
  protocol: z.int().positive(),
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

/** After hello and whenever it changes: the servers and poolers that commands can name. */
export const serversMessage = z.object({
  type: z.literal('servers'),
  servers: z
    .array(
      z.object({
        /** The ins label. */
        server: z.string().min(1).max(128),
        kind: z.enum(['postgres', 'pgbouncer']),
        /** Null while it is not known, as before the first contact. */
        systemIdentifier: z
          .string()
          .regex(/^\d{1,20}$/)
          .nullable(),
      }),
    )
    .max(200),
})
export type ServersMessage = z.infer<typeof serversMessage>

/** After hello: what commands this agent knows. */
export const actionsMessage = z.object({
  type: z.literal('actions'),
  actions: z.array(actionDescription).max(200),
})

const commandId = z.string().min(1).max(64)

/** Collector to agent. Sent again after a reconnect until `command-received` or `command-result` has come. */
export const commandMessage = z.object({ type: z.literal('command'), command: signedCommand })
/** The command is in the agent's journal: from now on it will answer for it. */
export const commandReceivedMessage = z.object({ type: z.literal('command-received'), id: commandId })
export const commandStartedMessage = z.object({
  type: z.literal('command-started'),
  id: commandId,
  atMs: z.number(),
})
export const commandProgressMessage = z.object({
  type: z.literal('command-progress'),
  id: commandId,
  percent: z.number().min(0).max(100).nullable(),
  text: z.string().max(1_000),
})
export const commandOutputMessage = z.object({
  type: z.literal('command-output'),
  id: commandId,
  text: z.string().max(16 * 1024),
})
/** Sent again after a reconnect until `result-stored` has come. */
export const commandResultMessage = z.object({
  type: z.literal('command-result'),
  id: commandId,
  result: commandResult,
})
export const resultStoredMessage = z.object({ type: z.literal('result-stored'), id: commandId })

/** The agent's own audit, in order, from the entry after the last `audit-stored`. */
export const auditMessage = z.object({
  type: z.literal('audit'),
  entries: z.array(auditEntry).min(1).max(100),
})
const entryHash = z.string().regex(/^[0-9a-f]{64}$/)

/** After hello, and after each `audit`: how far the collector has the agent's audit; 0 and null for nothing. */
export const auditStoredMessage = z.object({
  type: z.literal('audit-stored'),
  seq: z.int().min(0),
  /** Of that entry: an agent whose own differs has another chain, and sends it from its beginning. */
  hash: entryHash.nullable().default(null),
})
/** After hello, and now and then: the newest entry of the collector's own audit, for the agent to anchor in its own. */
export const auditHeadMessage = z.object({
  type: z.literal('audit-head'),
  seq: z.int().positive(),
  hash: entryHash,
})

export const fromAgent = z.discriminatedUnion('type', [
  helloMessage,
  pingMessage,
  pongMessage,
  serversMessage,
  actionsMessage,
  commandReceivedMessage,
  commandStartedMessage,
  commandProgressMessage,
  commandOutputMessage,
  commandResultMessage,
  auditMessage,
  healthMessage,
  backupMessage,
  insightMessage,
  unsupportedMessage,
])
export type FromAgent = z.infer<typeof fromAgent>

export const fromCollector = z.discriminatedUnion('type', [
  pingMessage,
  pongMessage,
  commandMessage,
  resultStoredMessage,
  auditStoredMessage,
  auditHeadMessage,
  insightStoredMessage,
  unsupportedMessage,
])
export type FromCollector = z.infer<typeof fromCollector>
