import { expect } from 'vitest'
import type { CommandPayload } from '../../../../common/command/payload.ts'
import { generateSigningKey } from '../../../../common/command/private-key.ts'
import type { SigningKey } from '../../../../common/command/private-key.ts'
import { signCommand, signPayload } from '../../../../common/command/sign.ts'
import type { SignedCommand } from '../../../../common/command/signed-command.ts'
import { payloadAt, startHost } from '../host.ts'
import type { Host } from '../host.ts'

/*
 * Whoever holds the collector, its database and every token sends an agent what he likes: what he has recorded of the
 * operators' commands, changed in any way, and what he makes up. He does not have their keys.
 */
export const anna = generateSigningKey('anna')
export const ben = generateSigningKey('ben')
export const annaAtHome = generateSigningKey('anna')
export const mallory = generateSigningKey('mallory')

const policy = `
time_zone: Europe/Zurich
rules:
  - kinds: [read, reload]
  - kinds: [terminate]
    operators: [anna, ben]
    args: { database: { pattern: 'app.*' } }
    hours: [{ days: [mon, tue, wed, thu, fri], from: '08:00', to: '18:00' }]
    rate: { max: 2, per: 1h }
  - kinds: [pause]
require_two_operators: [pause]
`

/** A host of anna and ben, whom the policy lets do some things. */
export async function startAttackedHost(): Promise<Host> {
  const host = await startHost()
  await host.operators(anna, ben, annaAtHome)
  await host.policy(policy)
  return host
}

/** A command for this host, signed by anna when nobody else is named. */
export const signed = (host: Host, of: Partial<CommandPayload> = {}, ...keys: readonly SigningKey[]) =>
  signCommand(payloadAt(host.clock.now(), of), ...(keys.length === 0 ? [anna] : keys))

export const idOf = ({ payload }: SignedCommand) => (JSON.parse(payload) as CommandPayload).id

/** Signed by the key over a text that its owner would never have written. */
export const over = (payload: string, key = anna): SignedCommand => ({
  payload,
  signatures: [signPayload(payload, key)],
})

/** The text with the lowest bit of one character flipped. */
export const flip = (text: string, at: number) =>
  text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)

/** What two operators have to sign. */
export const pause = { kind: 'pause', args: {}, server: 'pg-main-1-pool', system_identifier: null }

/** A command that is as it should be is run, which shows that it is nothing else that keeps the others from it. */
export async function run(host: Host, command: SignedCommand) {
  host.commands.submit(command)
  expect((await host.result(idOf(command))).outcome).toBe('done')
}
