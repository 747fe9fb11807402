import { expect, test } from 'vitest'
import { agentActed } from '../../../collector/fleet/agent-acted.ts'
import { emptyHead, nextEntry } from '../../../common/audit/hash-entry.ts'
import type { AuditFact } from '../../../common/audit/entry.ts'

const entry = (of: Partial<AuditFact>) =>
  nextEntry(emptyHead, 1_000, {
    ...{ event: 'undone', who: 'agent pg-main-1', what: 'trial 1 of the index public.a', where: 'pg-main-1' },
    ...{ why: '', command: null, outcome: 'it hurts', digest: null },
    ...of,
  })

test('what an agent has taken back by itself is an event of the server', () => {
  expect(agentActed('pg-main-1', entry({}))).toEqual({
    type: 'agent-acted',
    node: 'pg-main-1',
    cluster: 'pg-main',
    command: null,
    text: 'taken back by its agent: trial 1 of the index public.a: it hurts',
  })
  expect(agentActed('pg-main-1', entry({ event: 'finished', where: 'pg-main-1 pg-other-1' }))).toMatchObject({
    node: 'pg-other-1',
    text: 'ended by its agent: trial 1 of the index public.a: it hurts',
  })
})

test.each([
  ['of a command, which tells of its end', { command: '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c' }],
  ['of an operator', { who: 'anna' }],
  ['in the name of another agent', { who: 'agent pg-main-2' }],
  ['that something was delivered', { event: 'delivered' }],
] as const)('%s: none', (_, of) => {
  expect(agentActed('pg-main-1', entry(of))).toBeUndefined()
})
