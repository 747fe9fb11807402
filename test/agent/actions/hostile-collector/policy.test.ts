import { describe, test } from 'vitest'
import { anna, annaAtHome, pause, run, signed } from './attacked-host.ts'
import { expectRefused } from './attempt.ts'
import type { Attempt } from './attempt.ts'

const attempts: readonly Attempt[] = [
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
]

describe('a hostile collector cannot have an agent run what the policy of its host does not allow', () => {
  test.each(attempts)('$what: $reason', expectRefused)
})
