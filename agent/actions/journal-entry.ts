import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { Action } from './action.ts'
import { payloadDigest } from './judge-command.ts'
import type { VerifiedCommand } from './verify-command.ts'

/** What the journal remembers of a command from the moment it came. */
export function journalEntry(
  command: SignedCommand,
  { payload, operators }: VerifiedCommand,
  action: Action | undefined,
  refused: boolean,
  receivedMs: number,
) {
  const { id, nonce, kind, mode, expires_ms: expiresMs } = payload
  const risk = action?.risk ?? 'read'
  const asked = { payload, operators: [...operators] }
  const digest = payloadDigest(command)
  return { id, nonce, kind, mode, risk, refused, expiresMs, receivedMs, payload: digest, asked }
}
