import { z } from 'zod'

/** What has happened: the first eight in a command's life, then to trust, to silences, to stuck sessions, and to the chain itself. */
export const auditEvent = z.enum([
  'requested',
  'approved',
  'delivered',
  'started',
  'finished',
  'undone',
  'refused',
  'expired',
  'enrolment-offered',
  'enrolled',
  'certificate-renewed',
  'renewal-failed',
  'revoked',
  'token-created',
  'token-revoked',
  'silence-set',
  'silence-ended',
  'session-signalled',
  'anchored',
  'repaired',
])

/**
 * One line of an audit chain. `hash` is the SHA-256 of the canonical JSON of the rest, `prev` the hash of the entry
 * before (64 zeros for the first): an entry cannot be altered, removed or moved without breaking those after it.
 */
export const auditEntry = z.strictObject({
  seq: z.int().positive(),
  atMs: z.int(),
  event: auditEvent,
  /** An operator's or a token's name, `agent <node>` or `pgherd`. */
  who: z.string().max(200),
  /** Kind and arguments of a command as canonical JSON; what a token may do. */
  what: z.string().max(4_000),
  /** Node, and its server. */
  where: z.string().max(300),
  /** The reason that was given. */
  why: z.string().max(500),
  /** Id of the command, if there is one. */
  command: z.string().nullable(),
  outcome: z.string().max(4_000).nullable(),
  /** Of the result, or of the other chain's entry that is anchored here. */
  digest: z.string().nullable(),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type AuditEntry = z.infer<typeof auditEntry>

/** What is told to the chain; it adds seq, atMs, prev and hash. */
export type AuditFact = Omit<AuditEntry, 'seq' | 'atMs' | 'prev' | 'hash'>

/** GET /api/v1/audit?chain=collector|<node>&after=<seq>&limit=: in order; `newest` is the number of the chain's last entry. */
export const auditAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    chains: z.array(z.string()),
    entries: z.array(auditEntry),
    newest: z.number().default(0),
  }),
})
