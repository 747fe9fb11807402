import { z } from 'zod'

/** What a bearer token may do (docs/08-trust.md): `writer` writes samples and nothing else. */
export const tokenRole = z.enum(['viewer', 'writer', 'operator', 'admin'])
export type TokenRole = z.infer<typeof tokenRole>

/** Also the name in the audit of whoever uses the token. */
export const tokenName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/)

const minuteMs = 60_000
const dayMs = 86_400_000

/** POST /api/v1/tokens. */
export const createToken = z.strictObject({
  name: tokenName,
  role: tokenRole,
  /** Null for a token that never expires. */
  lifetime_ms: z
    .int()
    .min(minuteMs)
    .max(3650 * dayMs)
    .nullable()
    .default(90 * dayMs),
})

/** A bearer token without its secret; times are milliseconds since the epoch. */
export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  role: tokenRole,
  createdMs: z.number(),
  /** Name of the token that made it. */
  createdBy: z.string(),
  expiresMs: z.number().nullable(),
  /** To within a minute. */
  lastUsedMs: z.number().nullable(),
  revokedMs: z.number().nullable(),
})
export type TokenView = z.infer<typeof tokenView>

/** GET /api/v1/tokens; DELETE /api/v1/tokens/<id> answers with the one that it revoked. */
export const tokensAnswer = z.object({ status: z.literal('success'), data: z.array(tokenView) })
export const tokenAnswer = z.object({ status: z.literal('success'), data: tokenView })

/** The only answer that ever has the token itself. */
export const createdTokenAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ ...tokenView.shape, token: z.string() }),
})
export type CreatedToken = z.infer<typeof createdTokenAnswer>['data']

/** POST /api/v1/nodes/<node>/join-token: what `pgherd-agent join` needs. */
export const createJoinToken = z.strictObject({
  lifetime_ms: z
    .int()
    .min(minuteMs)
    .max(7 * dayMs)
    .default(60 * minuteMs),
})
export const joinTokenAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    node: z.string(),
    token: z.string(),
    expiresMs: z.number(),
    /** SHA-256 of the CA's certificate, hexadecimal with colons, to compare by eye. */
    fingerprint: z.string(),
  }),
})
export type JoinTokenView = z.infer<typeof joinTokenAnswer>['data']

/** POST /api/v1/nodes/<node>/revoke: its certificates and open join tokens. */
export const revokeNode = z.strictObject({ reason: z.string().max(500).default('') })
export const revokedNodeAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ node: z.string(), certificates: z.number(), joinTokens: z.number() }),
})
export type RevokedNode = z.infer<typeof revokedNodeAnswer>['data']
