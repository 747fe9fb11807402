import { randomBytes, randomUUID } from 'node:crypto'
import type { CommandPayload } from '../../../common/command/payload.ts'
import { withDigest } from '../../../common/command/digest.ts'
import { generateSigningKey } from '../../../common/command/private-key.ts'
import type { CommandResult } from '../../../common/command/result.ts'
import { signCommand } from '../../../common/command/sign.ts'
import type { SignedCommand } from '../../../common/command/signed-command.ts'

export const alice = generateSigningKey('alice')
export const bob = generateSigningKey('bob')

/** A command signed by alice. */
export function command(
  changes: Partial<CommandPayload> = {},
  nowMs = Date.now(),
): SignedCommand & { id: string } {
  const payload: CommandPayload = {
    v: 1,
    id: randomUUID(),
    kind: 'ping',
    args: {},
    mode: 'run',
    node: 'pg-main-1',
    server: null,
    system_identifier: null,
    operator: 'alice',
    reason: 'a test',
    issued_ms: nowMs,
    expires_ms: nowMs + 600_000,
    deadline_ms: 10_000,
    nonce: randomBytes(16).toString('base64url'),
    ...changes,
  }
  return Object.defineProperty({ ...signCommand(payload, alice), id: payload.id }, 'id', {
    enumerable: false,
  })
}

export function result(changes: Partial<Omit<CommandResult, 'digest'>> = {}): CommandResult {
  return withDigest({
    outcome: 'done',
    message: 'pong',
    steps: [],
    output: [],
    startedMs: 1,
    finishedMs: 2,
    ...changes,
  })
}
