import type { CommandPayload } from '../../../common/command/payload.ts'
import { withDigest } from '../../../common/command/digest.ts'
import { generateSigningKey } from '../../../common/command/private-key.ts'
import type { CommandResult } from '../../../common/command/result.ts'
import { signCommand } from '../../../common/command/sign.ts'
import type { SignedCommand } from '../../../common/command/signed-command.ts'
import { commandPayloadAt } from '../../../testbed/command-payload.ts'

export const alice = generateSigningKey('alice')
export const bob = generateSigningKey('bob')

/** A command signed by alice. */
export function command(
  changes: Partial<CommandPayload> = {},
  nowMs = Date.now(),
): SignedCommand & { id: string } {
  const payload = commandPayloadAt(nowMs, { operator: 'alice', ...changes })
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
