import { describe, test } from 'vitest'
import { generateSigningKey } from '../../../../common/command/private-key.ts'
import { signPayload } from '../../../../common/command/sign.ts'
import type { SignedCommand } from '../../../../common/command/signed-command.ts'
import { payloadAt } from '../host.ts'
import { anna, ben, flip, mallory, pause, run, signed } from './attacked-host.ts'
import { expectRefused } from './attempt.ts'
import type { Attempt } from './attempt.ts'

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

describe('a hostile collector cannot have an agent run what its operators have not signed', () => {
  test.each(attempts)('$what: $reason', expectRefused)
})
