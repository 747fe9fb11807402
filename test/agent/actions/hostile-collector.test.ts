import { describe, expect, test } from 'vitest'
import type { RefusalReason } from '../../../agent/actions/refusal.ts'
import { canonicalJson } from '../../../common/command/canonical-json.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import { generateSigningKey } from '../../../common/command/private-key.ts'
import type { SigningKey } from '../../../common/command/private-key.ts'
import { signCommand, signPayload } from '../../../common/command/sign.ts'
import type { SignedCommand } from '../../../common/command/signed-command.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { findingsOf, payloadAt, startHost } from './host.ts'
import type { Host } from './host.ts'

/*
 * Whoever holds the collector, its database and every token sends an agent what he likes: what he has recorded of the
 * operators' commands, changed in any way, and what he makes up. He does not have their keys.
 */
const anna = generateSigningKey('anna')
const ben = generateSigningKey('ben')
const annaAtHome = generateSigningKey('anna')
const mallory = generateSigningKey('mallory')

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

async function start(): Promise<Host> {
  const host = await startHost()
  await host.operators(anna, ben, annaAtHome)
  await host.policy(policy)
  return host
}

const signed = (host: Host, of: Partial<CommandPayload> = {}, ...keys: readonly SigningKey[]) =>
  signCommand(payloadAt(host.clock.now(), of), ...(keys.length === 0 ? [anna] : keys))
const idOf = ({ payload }: SignedCommand) => (JSON.parse(payload) as CommandPayload).id
/** Signed by the key over a text that its owner would never have written. */
const over = (payload: string, key = anna): SignedCommand => ({
  payload,
  signatures: [signPayload(payload, key)],
})
const flip = (text: string, at: number) =>
  text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
const pause = { kind: 'pause', args: {}, server: 'pg-main-1-pool', system_identifier: null }

/** A command that is as it should be is run, which shows that it is nothing else that keeps the others from it. */
async function run(host: Host, command: SignedCommand) {
  host.commands.submit(command)
  expect((await host.result(idOf(command))).outcome).toBe('done')
}

interface Attempt {
  readonly what: string
  readonly reason: RefusalReason
  /** What is sent; what came before it has been let run. */
  command(host: Host): SignedCommand | Promise<SignedCommand>
}

const attempts: readonly Attempt[] = [
  {
    what: 'no signature',
    reason: 'bad-signature',
    command: (host) => ({ ...signed(host), signatures: [] }),
  },
  {
    what: "a key of the attacker's own",
    reason: 'unknown-key',
    command: (host) => signed(host, { operator: 'mallory' }, mallory),
  },
  {
    what: "a key of the attacker's own that he calls anna's",
    reason: 'unknown-key',
    command: (host) => signed(host, {}, generateSigningKey('anna')),
  },
  {
    what: "the attacker's signature under the id of anna's key",
    reason: 'bad-signature',
    command(host) {
      const { payload, signatures } = signed(host, {}, mallory)
      return { payload, signatures: [{ ...signatures[0]!, key: anna.id }] }
    },
  },
  {
    what: 'one bit of the payload flipped',
    reason: 'bad-signature',
    command(host) {
      const command = signed(host)
      return { ...command, payload: flip(command.payload, 40) }
    },
  },
  {
    what: 'the arguments changed',
    reason: 'bad-signature',
    command(host) {
      const command = signed(host, { args: { database: 'app1' } })
      return { ...command, payload: command.payload.replace('"app1"', '"app2"') }
    },
  },
  {
    what: 'the signature with one character changed',
    reason: 'bad-signature',
    command(host) {
      const { payload, signatures } = signed(host)
      const [{ key, signature }] = signatures as [SignedCommand['signatures'][0]]
      return {
        payload,
        signatures: [{ key, signature: `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}` }],
      }
    },
  },
  {
    what: 'the same signature in another spelling',
    reason: 'bad-signature',
    command(host) {
      const { payload, signatures } = signed(host)
      const [{ key, signature }] = signatures as [SignedCommand['signatures'][0]]
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      const last = letters[letters.indexOf(signature.at(-1)!) ^ 1]!
      return { payload, signatures: [{ key, signature: signature.slice(0, -1) + last }] }
    },
  },
  {
    what: 'the signature of another command',
    reason: 'bad-signature',
    command: (host) => ({ ...signed(host), signatures: signed(host).signatures }),
  },
  {
    what: 'a signature that was made for something else than a command',
    reason: 'bad-signature',
    command(host) {
      const { payload } = signed(host)
      const withoutDomain = signPayload(payload.slice(1), anna)
      return { payload, signatures: [withoutDomain] }
    },
  },
  {
    what: 'a good signature beside a bad one',
    reason: 'bad-signature',
    command(host) {
      const { payload, signatures } = signed(host)
      return { payload, signatures: [...signatures, signPayload('{}', ben)] }
    },
  },
  { what: 'another node', reason: 'wrong-node', command: (host) => signed(host, { node: 'pg-main-2' }) },
  {
    what: 'another server',
    reason: 'unknown-server',
    command: (host) => signed(host, { server: 'pg-main-2' }),
  },
  {
    what: 'another system identifier, which is noticed when the server is connected to',
    reason: 'wrong-system',
    command: (host) => signed(host, { system_identifier: '7309999999999999999' }),
  },
  {
    what: 'another server that has taken the address since it was signed',
    reason: 'wrong-system',
    command(host) {
      host.server.systemIdentifier = '7309999999999999999'
      return signed(host)
    },
  },
  {
    what: 'a server that does not tell who it is',
    reason: 'wrong-system',
    command(host) {
      host.server.systemIdentifier = undefined
      return signed(host)
    },
  },
  {
    what: 'no system identifier',
    reason: 'wrong-system',
    command: (host) => signed(host, { system_identifier: null }),
  },
  {
    what: 'a system identifier for the node itself',
    reason: 'wrong-system',
    command: (host) => signed(host, { kind: 'ping', args: {}, server: null }),
  },
  {
    what: 'a pooler for what is about a server',
    reason: 'wrong-target',
    command: (host) => signed(host, { server: 'pg-main-1-pool', system_identifier: null }),
  },
  {
    what: 'a command that was held back until it had expired',
    reason: 'expired',
    async command(host) {
      const command = signed(host)
      await host.clock.advance(600_000)
      return command
    },
  },
  {
    what: 'a command from the future',
    reason: 'not-yet-valid',
    command(host) {
      const later = host.clock.now() + 31_000
      return signed(host, { issued_ms: later, expires_ms: later + 1_000 })
    },
  },
  {
    what: 'a command that never ends',
    reason: 'lifetime',
    command: (host) => signed(host, { expires_ms: host.clock.now() + 7 * 86_400_000 + 1 }),
  },
  {
    what: 'a command that ends before it begins',
    reason: 'lifetime',
    command: (host) => signed(host, { expires_ms: host.clock.now() }),
  },
  {
    what: 'the id of a command that was run, with something else to do',
    reason: 'replayed',
    async command(host) {
      const first = signed(host)
      await run(host, first)
      return signed(host, { id: idOf(first), args: { database: 'app2' } })
    },
  },
  {
    what: 'the nonce of a command that was run, with a new id',
    reason: 'replayed',
    async command(host) {
      const payload = payloadAt(host.clock.now())
      await run(host, signCommand(payload, anna))
      return signed(host, { nonce: payload.nonce })
    },
  },
  {
    what: 'a command that was issued before the journal of this host began, which somebody has removed',
    reason: 'replayed',
    command: (host) => signed(host, { issued_ms: host.clock.now() - 1 }),
  },
  {
    what: 'an expired command once the clock of the agent has been set back',
    reason: 'expired',
    async command(host) {
      const old = signed(host)
      await host.clock.advance(600_000)
      await run(host, signed(host, { kind: 'ping', args: {}, server: null, system_identifier: null }))
      await host.restart()
      const { issued_ms: issuedMs } = JSON.parse(old.payload) as CommandPayload
      host.clock.now = () => issuedMs + 1
      return old
    },
  },
  {
    what: 'duplicate keys, of which another reader would take the other',
    reason: 'not-canonical',
    command(host) {
      const { payload } = signed(host)
      return over(payload.replace('{"args":', '{"args":{},"args":'))
    },
  },
  {
    what: 'a text that is not canonical',
    reason: 'not-canonical',
    command: (host) => over(JSON.stringify(payloadAt(host.clock.now()), undefined, 1)),
  },
  {
    what: 'deep nesting',
    reason: 'not-canonical',
    command: () => over(`${'['.repeat(30_000)}${']'.repeat(30_000)}`),
  },
  {
    what: 'arguments nested deeply',
    reason: 'not-canonical',
    command(host) {
      let deep: unknown = 1
      for (let i = 0; i < 20; i++) deep = { a: deep }
      return over(canonicalJson(payloadAt(host.clock.now(), { args: { database: deep } })))
    },
  },
  {
    what: 'a payload that is too large in bytes',
    reason: 'too-large',
    command: (host) =>
      over(canonicalJson(payloadAt(host.clock.now(), { args: { database: '\u{1f600}'.repeat(20_000) } }))),
  },
  { what: 'no JSON', reason: 'not-canonical', command: () => over('rm -rf /') },
  {
    what: 'a field that nobody knows',
    reason: 'malformed',
    command: (host) => over(canonicalJson({ ...payloadAt(host.clock.now()), sudo: true })),
  },
  {
    what: 'a field that is missing',
    reason: 'malformed',
    command(host) {
      const { expires_ms: _expires, ...rest } = payloadAt(host.clock.now())
      expect(_expires).toBeGreaterThan(0)
      return over(canonicalJson(rest))
    },
  },
  {
    what: 'a name of a kind that leads out of the folder of actions',
    reason: 'malformed',
    command: (host) => over(canonicalJson(payloadAt(host.clock.now(), { kind: '../../main' }))),
  },
  {
    what: 'a name of a kind that every object has',
    reason: 'unsupported',
    command: (host) => signed(host, { kind: 'constructor' }),
  },
  {
    what: 'a kind that this agent does not have',
    reason: 'unsupported',
    command: (host) => signed(host, { kind: 'drop-database' }),
  },
  {
    what: 'an argument that the action does not have',
    reason: 'arguments',
    command: (host) => signed(host, { args: { database: 'app', force: true } }),
  },
  {
    what: 'an argument outside of the policy',
    reason: 'arguments',
    command: (host) => signed(host, { args: { database: 'billing' } }),
  },
  {
    what: 'an argument that the policy limits left out',
    reason: 'arguments',
    command: (host) => signed(host, { args: {} }),
  },
  {
    what: 'a command outside of the hours',
    reason: 'hours',
    async command(host) {
      // 18:00 in Zurich.
      await host.clock.advance(7 * 3_600_000)
      return signed(host)
    },
  },
  {
    what: 'one command more than the rate allows',
    reason: 'rate',
    async command(host) {
      await run(host, signed(host))
      await run(host, signed(host))
      return signed(host)
    },
  },
  {
    what: 'one command more than the rate allows, after a restart',
    reason: 'rate',
    async command(host) {
      await run(host, signed(host))
      await run(host, signed(host))
      await host.restart()
      return signed(host)
    },
  },
  {
    what: 'an operator who may not do it',
    reason: 'policy',
    async command(host) {
      await host.policy('rules: [{ kinds: [terminate], operators: [ben] }]')
      return signed(host)
    },
  },
  {
    what: 'a kind that the policy does not list',
    reason: 'policy',
    async command(host) {
      await host.policy('rules: [{ kinds: [read] }]')
      return signed(host)
    },
  },
  {
    what: 'one operator where two are needed',
    reason: 'two-operators',
    command: (host) => signed(host, pause),
  },
  {
    what: 'the same key twice where two operators are needed',
    reason: 'same-key',
    command: (host) => signed(host, pause, anna, anna),
  },
  {
    what: 'two keys of the same operator where two operators are needed',
    reason: 'two-operators',
    command: (host) => signed(host, pause, anna, annaAtHome),
  },
  {
    what: 'the second signature taken from another command',
    reason: 'bad-signature',
    command(host) {
      const command = signed(host, pause)
      const other = signed(host, { ...pause, operator: 'ben' }, ben)
      return { ...command, signatures: [...command.signatures, ...other.signatures] }
    },
  },
  {
    what: "anna's command, signed by ben alone",
    reason: 'wrong-operator',
    command: (host) => signed(host, {}, ben),
  },
  {
    what: 'the order of the two who signed changed',
    reason: 'wrong-operator',
    command(host) {
      const command = signed(host, pause, anna, ben)
      return { ...command, signatures: command.signatures.toReversed() }
    },
  },
  {
    what: 'a key that was removed from this host',
    reason: 'unknown-key',
    async command(host) {
      await run(host, signed(host))
      await host.operators(ben)
      return signed(host)
    },
  },
  {
    what: 'no key at all on this host',
    reason: 'no-operators',
    async command(host) {
      await host.operators()
      return signed(host)
    },
  },
  {
    what: 'a plan that was signed, as the thing itself',
    reason: 'bad-signature',
    command(host) {
      const plan = signed(host, { mode: 'plan' })
      return { ...plan, payload: plan.payload.replace('"mode":"plan"', '"mode":"run"') }
    },
  },
  {
    what: 'a cancel that nobody has signed',
    reason: 'bad-signature',
    command(host) {
      const args = { command: payloadAt(0).id }
      const cancel = signed(host, { kind: 'cancel', args, server: null, system_identifier: null })
      return { ...cancel, payload: flip(cancel.payload, cancel.payload.indexOf('"command":"') + 12) }
    },
  },
]

describe('a hostile collector cannot have an agent run', () => {
  test.each(attempts)('$what: $reason', async (attempt) => {
    const { reason } = attempt
    await using host = await start()
    const sent = await attempt.command(host)
    const before = [...host.ran]
    host.sent.length = 0
    host.commands.submit(sent)

    await waitFor('its entry in the audit', async () => {
      const refused = (await host.audit()).filter(({ event }) => event === 'refused')
      return refused.length === 1 && refused[0]?.outcome?.startsWith(`${reason}: `)
    })
    expect(host.commands.counters.refusals).toEqual({ [reason]: 1 })
    expect(host.ran).toEqual(before)
    expect(findingsOf(await host.audit())).toEqual([])
    const answers = host.sent.filter((message) => message.type === 'command-result')
    expect(
      answers.map(({ result }) => result.outcome).filter((one) => one !== 'refused' && one !== 'unsupported'),
    ).toEqual([])
  })
})
