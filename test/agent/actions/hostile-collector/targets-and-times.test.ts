import { describe, test } from 'vitest'
import type { CommandPayload } from '../../../../common/command/payload.ts'
import { signCommand } from '../../../../common/command/sign.ts'
import { payloadAt } from '../host.ts'
import { anna, idOf, run, signed } from './attacked-host.ts'
import { expectRefused } from './attempt.ts'
import type { Attempt } from './attempt.ts'

const attempts: readonly Attempt[] = [
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
]

describe('a hostile collector cannot have an agent run what was signed for another target or another time', () => {
  test.each(attempts)('$what: $reason', expectRefused)
})
