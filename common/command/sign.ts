import { sign, verify } from 'node:crypto'
import { PgherdError } from '../errors.ts'
import { canonicalJson } from './canonical-json.ts'
import type { OperatorKey } from './operator-key.ts'
import { commandPayload, maxPayloadBytes } from './payload.ts'
import type { CommandPayload } from './payload.ts'
import type { SigningKey } from './private-key.ts'
import type { CommandSignature, SignedCommand } from './signed-command.ts'

/** So that a signature over a command is one over nothing else, and the reverse. */
const domain = 'pgherd-command-v1\n'

/** What is signed of a payload, in bytes. */
export function signedText(payload: string): Buffer {
  return Buffer.from(`${domain}${payload}`, 'utf8')
}

/** One operator's signature (Ed25519, RFC 8032) over the exact text of a payload. */
export function signPayload(payload: string, key: SigningKey): CommandSignature {
  return { key: key.id, signature: sign(null, signedText(payload), key.privateKey).toString('base64url') }
}

/**
 * Writes a command and signs it; the first key has to be that of its operator.
 * @throws PgherdError BAD_DATA, or REQUEST_TOO_LARGE
 */
export function signCommand(payload: CommandPayload, ...keys: readonly SigningKey[]): SignedCommand {
  const checked = commandPayload.safeParse(payload)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new PgherdError(
      'BAD_DATA',
      `the command is malformed: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    )
  }
  const text = canonicalJson(payload, { maxDepth: 16, maxLength: maxPayloadBytes })
  return { payload: text, signatures: keys.map((key) => signPayload(text, key)) }
}

/** Whether the owner of a key has signed a payload's text. Never throws. */
export function isSignedBy(payload: string, { signature }: CommandSignature, key: OperatorKey): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  // Another spelling of the same bytes would be another text of the same signature.
  if (bytes.length !== 64 || bytes.toString('base64url') !== signature) return false
  return verify(null, signedText(payload), key.publicKey, bytes)
}
