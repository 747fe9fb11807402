import { expect, test } from 'vitest'
import { act } from '../../../../agent/insight/watchdog/act.ts'
import type { SignalPort } from '../../../../agent/insight/watchdog/signal-port.ts'
import type { SessionVerdict } from '../../../../agent/insight/watchdog/verdict.ts'
import type { ActionSession } from '../../../../agent/postgres/action-session.ts'
import type { ResultTable } from '../../../../agent/postgres/result-table.ts'
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
  expect(await acted).toMatchObject({
    deed: 'failed',
    outcome: 'no place',
    mayHaveBeenSent: false,
    wasShut: true,
  })
  expect(facts.map(({ event, where, outcome }) => [event, where, outcome])).toEqual([
    ['session-signalled', 'pg-main-1', null],
    ['session-signalled', 'pg-main-1', 'failed: no place'],
  ])
  expect(JSON.parse(facts[0]!.what)).toMatchObject({ step: 'terminate', pid: 100 })
})

/** A connection on which the statement that signals, and what is asked after it, end in these ways. */
function over(change: () => Promise<ResultTable>, read: () => Promise<ResultTable>) {
  const facts: AuditFact[] = []
  const session: ActionSession = {
    ...{ versionNumber: 180_000, systemIdentifier: undefined, inRecovery: false, change, read },
    database: () => Promise.resolve(session),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const acted = act(verdict, {
    ...{ server: 'pg-main-1', versionNumber: 180_000, clock: createManualClock() },
    signal: new AbortController().signal,
    port: {
      open: () => Promise.resolve(session),
      record(fact) {
        facts.push(fact)
        return Promise.resolve(true)
      },
    },
  })
  return { acted, facts }
}
const sent: ResultTable = { columns: [], rows: [['true']], elapsedMs: 1, notices: [] }
const lost = () => Promise.reject(new PgherdError('POSTGRES_UNAVAILABLE', 'the connection is lost'))

test('a signal that was sent is told as sent, though nobody saw what came of it', async () => {
  const { acted, facts } = over(() => Promise.resolve(sent), lost)
  expect(await acted).toMatchObject({ deed: 'terminated', after: undefined })
  expect(facts[1]?.outcome).toBe('terminated: what came of it could not be seen: the connection is lost')
})

test.each([
  ['the connection is lost', new PgherdError('POSTGRES_UNAVAILABLE', 'lost')],
  [
    'the server broke it off',
    new PgherdError('PROBE_FAILED', 'broken off', { details: { sqlstate: '57014' } }),
  ],
])('where %s meanwhile, the signal may have been sent, and counts', async (_, error) => {
  const { acted, facts } = over(() => Promise.reject(error), lost)
  expect(await acted).toMatchObject({ deed: 'failed', mayHaveBeenSent: true, wasShut: false })
  expect(facts[1]?.outcome).toMatch(/; it may have been sent$/)
})

test('a signal that the server refused was not sent', async () => {
  const refusal = new PgherdError('PROBE_FAILED', 'no', { details: { sqlstate: '42501' } })
  const { acted } = over(() => Promise.reject(refusal), lost)
  expect(await acted).toMatchObject({ deed: 'failed', mayHaveBeenSent: false })
})
