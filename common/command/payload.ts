import { z } from 'zod'

/**
 * What an operator asks of one agent. It travels as text that its author signed, byte for byte (see signed-command.ts),
 * so whoever relays it can neither change nor redirect nor repeat it. The text is canonical JSON (canonical-json.ts):
 * a payload that is not written that way is refused, which rules out duplicate keys and two readings of one text.
 */
export const commandPayload = z.strictObject({
  v: z.literal(1),
  id: z.uuid(),
  /** A file of agent/actions/, such as `reload`. */
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  args: z.record(z.string().max(64), z.unknown()),
  /** `plan` tells what `run` would do, and changes nothing. */
  mode: z.enum(['plan', 'run']),
  /** `<cls>-<seq>` of the agent. */
  node: z.string().min(1).max(128),
  /** The ins label of one of the agent's servers or poolers; null for what concerns the node. */
  server: z.string().min(1).max(128).nullable(),
  /** PostgreSQL's own, as text because it exceeds 2^53; null where no server is meant. */
  system_identifier: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable(),
  /** Name of the first key that signs. */
  operator: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/),
  reason: z.string().max(500),
  /** Milliseconds since the epoch: not valid before and after. At most `maxLifetimeMs` apart. */
  issued_ms: z.int().positive(),
  expires_ms: z.int().positive(),
  /** How long the work may take once it has started. */
  deadline_ms: z.int().min(100).max(86_400_000),
  /** 128 random bits, base64url. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
})
export type CommandPayload = z.infer<typeof commandPayload>

/** An agent that is away gets the command when it returns, within this at most. */
export const maxLifetimeMs = 7 * 86_400_000

/** Clocks may differ by so much before a command counts as not yet valid. */
export const allowedSkewMs = 30_000

export const maxPayloadBytes = 64 * 1024
