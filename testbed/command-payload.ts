import { randomBytes, randomUUID } from 'node:crypto'
import type { CommandPayload } from '../common/command/payload.ts'

/**
 * What an operator signs: a `ping` of pg-main-1 by anna, with an id and a nonce of its own, in all but the `changes`.
 * It is issued at `nowMs` (milliseconds since the epoch) and valid for ten minutes.
 */
export function commandPayloadAt(nowMs: number, changes: Partial<CommandPayload> = {}): CommandPayload {
  return {
    v: 1,
    id: randomUUID(),
    kind: 'ping',
    args: {},
    mode: 'run',
    node: 'pg-main-1',
    server: null,
    system_identifier: null,
    operator: 'anna',
    reason: 'a test',
    issued_ms: nowMs,
    expires_ms: nowMs + 600_000,
    deadline_ms: 10_000,
    nonce: randomBytes(16).toString('base64url'),
    ...changes,
  }
}
