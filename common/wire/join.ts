import { z } from 'zod'

/** Under TLS only. */
export const joinPath = '/api/v1/agent/join'
export const renewPath = '/api/v1/agent/renew'

/** POST agent/join: a join token against a certificate. */
export const joinRequest = z.strictObject({
  token: z.string().max(200),
  /** PKCS #10, PEM; its subject does not count: the token says for which node it is. */
  csr: z.string().max(16 * 1024),
  /** What the agent is called by its configuration: a token for another node is not used up by a mistake. */
  node: z.string().max(128).optional(),
})

/** POST agent/renew, with the certificate that is about to end. */
export const renewRequest = z.strictObject({ csr: z.string().max(16 * 1024) })

export const joinAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    node: z.string().min(1).max(128),
    /** PEM. */
    certificate: z.string().max(16 * 1024),
    /** The fleet's authority, PEM. */
    ca: z.string().max(16 * 1024),
  }),
})
export type JoinAnswer = z.infer<typeof joinAnswer>
