import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../../common/command/canonical-json.ts'
import { payloadAt } from '../host.ts'
import { over, signed } from './attacked-host.ts'
import { expectRefused } from './attempt.ts'
import type { Attempt } from './attempt.ts'

const attempts: readonly Attempt[] = [
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
]

describe('a hostile collector cannot have an agent run a text that is no command it knows', () => {
  test.each(attempts)('$what: $reason', expectRefused)
})
