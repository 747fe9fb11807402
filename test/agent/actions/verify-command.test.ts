import { expect, test } from 'vitest'
import { verifyCommand } from '../../../agent/actions/verify-command.ts'
import { canonicalJson } from '../../../common/command/canonical-json.ts'
import { maxPayloadBytes } from '../../../common/command/payload.ts'
import { signPayload } from '../../../common/command/sign.ts'
import type { SignedCommand } from '../../../common/command/signed-command.ts'
import { anna } from './command-host.ts'
import { payloadAt, startMs, systemIdentifier } from './host.ts'

/** A command whose text has so many bytes. */
function commandOf(bytes: number): SignedCommand {
  const of = (filling: string) => canonicalJson(payloadAt(startMs, { args: { filling } }), unlimited)
  const payload = of('x'.repeat(bytes - of('').length))
  return { payload, signatures: [signPayload(payload, anna)] }
}
const unlimited = { maxDepth: 16, maxLength: Infinity }

test.each([
  [maxPayloadBytes, undefined],
  [maxPayloadBytes + 1, 'too-large'],
])('a command of %i bytes is taken, or refused for its size', (bytes, reason) => {
  const command = commandOf(bytes)
  expect(Buffer.byteLength(command.payload)).toBe(bytes)
  const verified = verifyCommand(command, {
    operators: new Map([[anna.id, anna]]),
    node: 'pg-main-1',
    servers: new Map([['pg-main-1', { kind: 'postgres', systemIdentifier }]]),
    nowMs: startMs,
    forgottenUntilMs: 0,
    rememberedSinceMs: 0,
  })
  expect(verified.ok ? undefined : verified.refusal.reason).toBe(reason)
})
