import { describe, expect, test } from 'vitest'
import { parseProbes } from '../../../agent/probes/parse.ts'
import { createProbeAccount } from '../../../agent/scrape/probe-account.ts'
import type { ProbeAccount } from '../../../agent/scrape/probe-account.ts'
import type { ProbeOutcome } from '../../../agent/scrape/probe-outcome.ts'
import { PgherdError } from '../../../common/errors.ts'

const measured: ProbeOutcome = { state: 'measured', tables: [], rows: 1 }

function account(keys: string): ProbeAccount {
  const text = `pg_x: { query: select 1 as n, metrics: [{ n: { usage: GAUGE } }], ${keys} }`
  return createProbeAccount(parseProbes(text, 'my.yml', 1).probes[0]!)
}

describe('the interval of a probe', () => {
  test('is its ttl while it costs less than its budget', () => {
    const cheap = account('ttl: 10, budget: 600')
    cheap.note('', measured, 50)
    expect(cheap.intervalMs()).toBe(10_000)
  })

  test('grows so that it costs no more than its budget per minute', () => {
    const dear = account('ttl: 10, budget: 600')
    dear.note('', measured, 300)
    // 300 ms at 600 ms a minute: twice a minute.
    expect(dear.intervalMs()).toBe(30_000)
  })

  test('counts what it costs in all databases, and no longer in one that is gone', () => {
    const spread = account('ttl: 10, budget: 600')
    for (let i = 0; i < 60; i++) spread.note(`db${i}`, measured, 10)
    expect(spread.intervalMs()).toBe(60_000)
    for (let i = 0; i < 50; i++) spread.forget(`db${i}`)
    expect(spread.intervalMs()).toBe(10_000)
  })

  test('comes back when the cost does', () => {
    const slow = account('ttl: 10, budget: 600')
    slow.note('', measured, 1_000)
    expect(slow.intervalMs()).toBe(100_000)
    for (let i = 0; i < 10; i++) slow.note('', measured, 10)
    expect(slow.intervalMs()).toBe(10_000)
  })

  test('is the ttl with a budget of 0, which means none', () => {
    const free = account('ttl: 10, budget: 0')
    free.note('', measured, 5_000)
    expect(free.intervalMs()).toBe(10_000)
  })
})

test('what had no time is neither a run nor an error', () => {
  const idle = account('ttl: 10')
  idle.note('', { state: 'failed', error: new PgherdError('CANCELLED', 'no time') }, 3)
  idle.note('', { state: 'failed', error: new PgherdError('PROBE_FAILED', 'no view') }, 3)
  expect(idle.totals()).toEqual({ runs: 1, errors: 1, skips: 0, hits: 0, milliseconds: 3 })
})
