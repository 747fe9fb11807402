import { describe, expect, test } from 'vitest'
import { composePayload, targetsOf } from '../../../agentctl/steer/compose.ts'
import type { ActionDescription } from '../../../common/command/action-description.ts'
import { commandPayload } from '../../../common/command/payload.ts'
import type { NodeView } from '../../../common/wire/nodes.ts'

const action = (target: ActionDescription['target']): ActionDescription => ({
  kind: 'reload',
  what: '',
  risk: 'change',
  target,
  deadlineMs: 5_000,
  examples: [],
  args: {},
})

const node = (servers: NodeView['servers']): NodeView => ({
  node: 'pg-main-1',
  cluster: 'pg-main',
  ip: '10.0.0.1',
  version: '0.1.0',
  connected: true,
  firstSeenMs: 0,
  lastSeenMs: 0,
  clockSkewMs: 0,
  clockSkewed: false,
  servers,
  auditBreaks: 0,
  role: 'primary',
  up: true,
  lastSampleMs: 0,
})
const server = (name: string) => ({ server: name, kind: 'postgres' as const, systemIdentifier: '7' })
const pooler = { server: 'pg-main-1', kind: 'pgbouncer' as const, systemIdentifier: null }

describe('where an action runs', () => {
  test('on the node, for what concerns the node', () => {
    expect(targetsOf([node([server('pg-main-1')])], action('node'), undefined)).toEqual([
      { node: 'pg-main-1', server: null, systemIdentifier: null },
    ])
  })

  test('on the only server, with its system identifier, a pooler not counting', () => {
    expect(targetsOf([node([pooler, server('pg-main-1')])], action('server'), undefined)).toEqual([
      { node: 'pg-main-1', server: 'pg-main-1', systemIdentifier: '7' },
    ])
  })

  test('on none of several without its name', () => {
    const several = [node([server('a-1'), server('b-1')])]
    expect(() => targetsOf(several, action('server'), undefined)).toThrow('a-1, b-1')
    expect(targetsOf(several, action('server'), 'b-1')).toMatchObject([{ server: 'b-1' }])
  })

  test('a node without such a server is named', () => {
    expect(() => targetsOf([node([])], action('pooler'), undefined)).toThrow('pg-main-1 has no pgBouncer')
  })

  test('a server that its agent has not reached yet is waited for, a pooler has nothing to tell', () => {
    const unknown = node([pooler, { ...server('pg-main-1'), systemIdentifier: null }])
    expect(() => targetsOf([unknown], action('server'), undefined)).toThrow(
      'the agent on pg-main-1 has not told the system identifier of pg-main-1 yet',
    )
    expect(targetsOf([unknown], action('pooler'), undefined)).toMatchObject([{ systemIdentifier: null }])
  })
})

test('two payloads for the same target are valid and have nothing in common that could be used twice', () => {
  const compose = () =>
    composePayload({
      action: action('server'),
      args: { a: 1 },
      mode: 'run',
      target: { node: 'pg-main-1', server: 'pg-main-1', systemIdentifier: '7' },
      operator: 'alice',
      reason: 'why',
      nowMs: 1_000,
      lifetimeMs: 60_000,
      deadlineMs: undefined,
    })
  const [a, b] = [compose(), compose()]
  expect(commandPayload.parse(a)).toMatchObject({ issued_ms: 1_000, expires_ms: 61_000, deadline_ms: 5_000 })
  expect(a.id).not.toBe(b.id)
  expect(a.nonce).not.toBe(b.nonce)
})
