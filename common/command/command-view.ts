import { z } from 'zod'
import { commandOutcome, commandResult } from './result.ts'
import { commandSignature, signedCommand } from './signed-command.ts'

/** `held` waits for a second operator's signature; `queued` for the agent; `expired` reached no agent in time. */
export const commandState = z.enum([
  'held',
  'queued',
  'delivered',
  'running',
  'expired',
  ...commandOutcome.options,
])
export type CommandState = z.infer<typeof commandState>

/** POST /api/v1/commands: up to 1,000 commands in one body, each answered for itself. */
export const sendCommands = z.object({
  commands: z.array(signedCommand).min(1).max(1_000),
  /** How many operators have to sign before it leaves; 2 holds it for `POST /api/v1/commands/<id>/signatures`. */
  signatures_needed: z.int().min(1).max(2).default(1),
})
export const sentCommand = z.object({
  /** Null where the payload could not be read. */
  id: z.string().nullable(),
  state: commandState.nullable(),
  /** Why it was not taken. */
  error: z.string().nullable(),
})
export const sentCommands = z.object({ status: z.literal('success'), data: z.array(sentCommand) })

/** GET /api/v1/commands?node=&kind=&state=&limit= (newest first) and /api/v1/commands/<id>. Times are ms since the epoch. */
export const commandView = z.object({
  id: z.string(),
  node: z.string(),
  server: z.string().nullable(),
  kind: z.string(),
  mode: z.enum(['plan', 'run']),
  args: z.record(z.string(), z.unknown()),
  operator: z.string(),
  reason: z.string(),
  /** Name of the token that brought it. */
  requestedBy: z.string(),
  keys: z.array(z.string()),
  state: commandState,
  queuedMs: z.number(),
  expiresMs: z.number(),
  deliveredMs: z.number().nullable(),
  startedMs: z.number().nullable(),
  finishedMs: z.number().nullable(),
  /** The newest, while it runs. */
  progress: z.object({ percent: z.number().nullable(), text: z.string() }).nullable(),
  /** Text that the action wrote while it runs, the last 64 KiB. */
  written: z.string(),
  result: commandResult.nullable(),
  /** Grows with each change of any command of this collector: for waiting. */
  version: z.number(),
})
export type CommandView = z.infer<typeof commandView>
export const commandAnswer = z.object({ status: z.literal('success'), data: commandView })
export const commandsAnswer = z.object({ status: z.literal('success'), data: z.array(commandView) })

/** POST /api/v1/commands/wait: answers with those of `ids` that changed after `after`, at once or within `timeout_ms`. */
export const waitForCommands = z.object({
  ids: z.array(z.string()).min(1).max(1_000),
  after: z.number().default(0),
  timeout_ms: z.int().min(0).max(60_000).default(25_000),
})

/** GET /api/v1/commands/<id>/signed: what a second operator reads before signing. POST /api/v1/commands/<id>/signatures: his. */
export const signedCommandAnswer = z.object({ status: z.literal('success'), data: signedCommand })
export const addSignature = commandSignature
