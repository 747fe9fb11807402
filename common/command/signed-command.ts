import { z } from 'zod'
import { maxPayloadBytes } from './payload.ts'

/** One operator's Ed25519 signature (RFC 8032) over `signedText(payload)`. */
export const commandSignature = z.strictObject({
  /** First 16 hexadecimal digits of the SHA-256 of the raw public key. */
  key: z.string().regex(/^[0-9a-f]{16}$/),
  /** 64 bytes, base64url. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
})
export type CommandSignature = z.infer<typeof commandSignature>

/** A command on its way: the payload's exact text and who answers for it. */
export const signedCommand = z.strictObject({
  payload: z.string().min(2).max(maxPayloadBytes),
  signatures: z.array(commandSignature).min(1).max(4),
})
export type SignedCommand = z.infer<typeof signedCommand>
