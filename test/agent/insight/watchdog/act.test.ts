import { expect, test } from 'vitest'
import { act } from '../../../../agent/insight/watchdog/act.ts'
import type { SignalPort } from '../../../../agent/insight/watchdog/signal-port.ts'
import type { SessionVerdict } from '../../../../agent/insight/watchdog/verdict.ts'
import type { AuditFact } from '../../../../common/audit/entry.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { madePolicy, madeSession } from './made-sessions.ts'

const { rules } = madePolicy(`
rules: [{ name: idle, case: idle-in-transaction, after: 1s, harm: none, action: terminate }]`)
const verdict: SessionVerdict = {
  step: 'terminate',
  rule: rules[0]!,
  session: madeSession(),
  heldMs: 3_600_000,
  harm: [],
  root: undefined,
  next: '',
  isDry: false,
}

function acting(port: Pick<SignalPort, 'record'>) {
  const clock = createManualClock()
  let opened = 0
  const acted = act(verdict, {
    ...{ server: 'pg-main-1', versionNumber: 180_000, clock, signal: new AbortController().signal },
    port: {
      ...port,
      open() {
        opened++
        return Promise.reject(new PgherdError('POSTGRES_UNAVAILABLE', 'no place'))
      },
    },
  })
  return { acted, clock, opened: () => opened }
}

test('nobody is signalled while the audit cannot be written', async () => {
  const { acted, clock, opened } = acting({ record: () => new Promise(() => undefined) })
  await clock.advance(5_000)
  expect(await acted).toMatchObject({
    deed: 'failed',
    outcome: 'the audit of this host could not be written',
  })
  expect(opened()).toBe(0)
})

test('nobody is signalled by an agent that ends before its audit is written', async () => {
  const { acted, opened } = acting({ record: () => Promise.resolve(false) })
  expect(await acted).toMatchObject({ deed: 'failed' })
  expect(opened()).toBe(0)
})

test('what is to be done is in the audit before, and what came of it after', async () => {
  const facts: AuditFact[] = []
  const { acted } = acting({
    record(fact) {
      facts.push(fact)
      return Promise.resolve(true)
    },
  })
  expect(await acted).toMatchObject({ deed: 'failed', outcome: 'no place', mayHaveBeenSent: false })
  expect(facts.map(({ event, where, outcome }) => [event, where, outcome])).toEqual([
    ['session-signalled', 'pg-main-1', null],
    ['session-signalled', 'pg-main-1', 'failed: no place'],
  ])
  expect(JSON.parse(facts[0]!.what)).toMatchObject({ step: 'terminate', pid: 100 })
})
