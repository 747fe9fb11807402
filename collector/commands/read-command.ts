import { commandPayload, maxLifetimeMs } from '../../common/command/payload.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { readCanonical } from '../../common/command/canonical-json.ts'

/** What a payload says, or why it is none. Only the agent can tell whether it may be believed. */
export type PayloadReading =
  | { readonly ok: true; readonly payload: CommandPayload }
  | { readonly ok: false; readonly id: string | null; readonly problem: string }

/**
 * Reads a payload as far as relaying it needs. What the agent refuses in any case is refused here already, where its
 * author learns of it at once. Never throws.
 */
export function readPayload(text: string, nowMs: number): PayloadReading {
  const reading = readCanonical(text)
  if (!reading.ok) return { ok: false, id: null, problem: `the payload cannot be taken: ${reading.problem}` }
  const parsed = commandPayload.safeParse(reading.value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.join('.') ?? ''
    return { ok: false, id: null, problem: `the payload is malformed: ${where} ${issue?.message ?? ''}` }
  }
  const { id, issued_ms: issuedMs, expires_ms: expiresMs } = parsed.data
  if (expiresMs <= nowMs) return { ok: false, id, problem: 'the command has expired' }
  if (expiresMs <= issuedMs || expiresMs - issuedMs > maxLifetimeMs) {
    return { ok: false, id, problem: 'the command expires more than seven days after it is issued' }
  }
  return { ok: true, payload: parsed.data }
}
