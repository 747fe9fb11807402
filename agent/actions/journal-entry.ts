import type { CommandPayload } from '../../common/command/payload.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { Action } from './action.ts'
import { payloadDigest } from './judge-command.ts'

/** What the journal remembers of a command from the moment it came. */
export function journalEntry(
  command: SignedCommand,
  { id, nonce, kind, mode, expires_ms: expiresMs }: CommandPayload,
  action: Action | undefined,
  refused: boolean,
  receivedMs: number,
) {
  const risk = action?.risk ?? 'read'
  return { id, nonce, kind, mode, risk, refused, expiresMs, receivedMs, payload: payloadDigest(command) }
}
