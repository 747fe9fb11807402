import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLedger } from '../../../../agent/insight/statements/ledger.ts'
import type { Ledger } from '../../../../agent/insight/statements/ledger.ts'
import { calls, lookOf, samplesOf } from './looks.ts'
import type { StatementRow } from './looks.ts'

const nameOf = (dbid: number): string | undefined => (dbid === 404 ? undefined : `db${String(dbid)}`)
const ledgerOf = (top = 80): Ledger => createLedger({ top, nameOf })

/** What a store has after the two scrapes that follow: what comes from 0 is told in the second. */
function told(ledger: Ledger): Readonly<Record<string, number>> {
  ledger.tables()
  return samplesOf(ledger.tables())
}

/** Of all series of a metric. */
function sum(samples: Readonly<Record<string, number>>, metric: string): number {
  return Object.entries(samples)
    .filter(([key]) => key.startsWith(`${metric}{`))
    .reduce((total, [, value]) => total + value, 0)
}

describe('what statements did between two looks', () => {
  test('is counted, and nothing of what was before the first', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, [{ queryid: 7, ...calls(1_000, 5) }]))
    expect(samplesOf(ledger.tables())).toEqual({ pg_query_partial_intervals: 0 })
    ledger.take(
      lookOf(110, [{ queryid: 7, calls: 1_010, time: 5_100, deviation: 1, min: 5, max: 10, hit: 40 }]),
    )
    expect(told(ledger)).toMatchObject({
      'pg_query_calls{datname=db5,query=7}': 10,
      'pg_query_exec_time{datname=db5,query=7}': expect.closeTo(0.1) as number,
      'pg_query_exec_time_max{datname=db5,query=7}': expect.closeTo(0.01) as number,
      'pg_query_sblk_hit{datname=db5,query=7}': 40,
      'pg_query_duration_seconds_count{datname=db5}': expect.closeTo(10) as number,
    })
  })

  test('is told behind the value that a series comes from, so that increase() misses nothing', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, []))
    ledger.take(lookOf(110, [{ queryid: 7, ...calls(5) }]))
    const key = 'pg_query_calls{datname=db5,query=7}'
    expect(samplesOf(ledger.tables())[key]).toBe(0)
    expect(samplesOf(ledger.tables())[key]).toBe(5)
    ledger.take(lookOf(120, [{ queryid: 7, ...calls(6), temp: 8_192 }]))
    // A counter that begins later has its 0, too.
    expect(samplesOf(ledger.tables())).toMatchObject({
      [key]: 6,
      'pg_query_temp_bytes{datname=db5,query=7}': 0,
    })
    expect(samplesOf(ledger.tables())).toMatchObject({ 'pg_query_temp_bytes{datname=db5,query=7}': 8_192 })
  })

  test('of an application that never sends the same text twice takes no more memory as time goes on', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(0, []))
    const each = 2_500
    for (let look = 1; look <= 20; look++) {
      const rows = Array.from({ length: each }, (_, i) => ({ queryid: look * each + i, ...calls(1) }))
      ledger.take(lookOf(10 * look, rows, { evictions: look * each }))
      expect(ledger.known).toBeLessThanOrEqual(10_000)
    }
    // Nothing of what they did is forgotten.
    expect(sum(told(ledger), 'pg_query_calls')).toBe(20 * each)
  })

  test('is told with the others by what of it was not told yet when a statement or a database loses its place', () => {
    const ledger = ledgerOf(1)
    const databases = (from: number): readonly number[] => Array.from({ length: 12 }, (_, i) => from + i)
    ledger.take(lookOf(0, []))
    let rows: StatementRow[] = []
    const store: Record<string, number> = {}
    const counted = (metric: string): number => sum(store, metric)
    const scrape = (): void => {
      for (const [key, value] of Object.entries(samplesOf(ledger.tables()))) {
        const before = latest[key] ?? value
        store[key] = (store[key] ?? 0) + (value < before ? value : value - before)
        latest[key] = value
      }
    }
    const latest: Record<string, number> = {}
    for (let look = 1; look <= 40; look++) {
      for (const dbid of databases(look)) rows.push({ queryid: look, dbid, ...calls(look * dbid) })
      ledger.take(lookOf(10 * look, rows, { evictions: look }))
      rows = []
      // Less often than it is looked.
      if (look % 4 === 0) scrape()
    }
    for (let i = 0; i < 2; i++) scrape()
    const all = Array.from({ length: 40 }, (_, i) => i + 1).flatMap((look) =>
      databases(look).map((dbid) => look * dbid),
    )
    const expected = all.reduce((total, one) => total + one, 0)
    expect(counted('pg_query_calls')).toBe(expected)
    expect(counted('pg_query_duration_seconds_count')).toBeCloseTo(expected, 3)
  })

  test('has no series where it is nothing: no WAL of a SELECT', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, []))
    ledger.take(lookOf(110, [{ queryid: 7, ...calls(5) }]))
    expect(Object.keys(told(ledger)).filter((key) => /wal|temp|plan|nested/.test(key))).toEqual([])
  })

  test('is the very same table while nothing happens', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, []))
    ledger.take(lookOf(110, [{ queryid: 7, ...calls(5) }]))
    told(ledger)
    expect(ledger.tables()).toBe(ledger.tables())
  })

  test('is that of all roles together, and of nested calls apart', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, []))
    ledger.take(
      lookOf(110, [
        { queryid: 7, userid: 10, ...calls(5, 2) },
        { queryid: 7, userid: 11, ...calls(3, 2) },
        { queryid: 7, userid: 10, toplevel: false, ...calls(100, 2) },
        { queryid: 8, userid: 10, ...calls(1, 200) },
      ]),
    )
    expect(told(ledger)).toMatchObject({
      'pg_query_calls{datname=db5,query=7}': 8,
      'pg_query_nested_calls{datname=db5,query=7}': 100,
      'pg_query_nested_exec_time{datname=db5,query=7}': expect.closeTo(0.2) as number,
      'pg_query_duration_seconds_count{datname=db5}': expect.closeTo(9) as number,
    })
    expect(sum(told(ledger), 'pg_query_exec_time')).toBeCloseTo(0.216, 9)
  })

  test('of a database that is gone is nothing', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, []))
    ledger.take(lookOf(110, [{ queryid: 7, dbid: 404, ...calls(5) }]))
    expect(Object.keys(told(ledger))).toEqual(['pg_query_partial_intervals'])
  })
})

describe('counters that begin anew', () => {
  const before = lookOf(100, [{ queryid: 7, ...calls(1_000) }], { startedAt: 1, resetAt: 2 })
  const after = (row: Partial<StatementRow>, facts: Parameters<typeof lookOf>[2] = {}) =>
    lookOf(110, [{ queryid: 7, ...row }], { startedAt: 1, resetAt: 2, ...facts })

  test.each([
    ['one statement was reset', after(calls(4)), 4, 1],
    ['all were reset', after(calls(4), { resetAt: 105 }), 4, 1],
    ['all were reset, and more was called since', after(calls(5_000), { resetAt: 105 }), 5_000, 1],
    ['the server was started again', after(calls(1_010), { startedAt: 104 }), 10, 0],
    ['the server crashed', after(calls(1_010), { startedAt: 104, resetAt: 104 }), 1_010, 1],
    ['another server answers', after(calls(9e9), { startedAt: 50, resetAt: 60 }), 0, 0],
    ['other statistics were put in place', after(calls(9e9), { resetAt: 60 }), 0, 0],
    ['an old extension was started again', lookOf(110, [], { startedAt: 104, resetAt: undefined }), 0, 0],
    ['some were forgotten', after(calls(1_010), { evictions: 3 }), 10, 1],
    ['the longest call is shorter than before', after({ ...calls(2_000), max: 0.5, min: 0.5 }), 2_000, 1],
  ])('count what is known: %s', (_, next, expected, partial) => {
    const ledger = ledgerOf()
    ledger.take(before)
    ledger.take(next)
    expect(sum(told(ledger), 'pg_query_calls')).toBe(expected)
    expect(told(ledger)['pg_query_partial_intervals']).toBe(partial)
  })

  test('tell by their own start since 17', () => {
    const ledger = ledgerOf()
    ledger.take(
      lookOf(100, [
        { queryid: 7, since: 50, ...calls(10) },
        { queryid: 8, since: 50, ...calls(10) },
      ]),
    )
    ledger.take(
      lookOf(110, [
        // Reset, and called more often since than before.
        { queryid: 7, since: 105, ...calls(500) },
        // Only the shortest and the longest were forgotten.
        { queryid: 8, since: 50, calls: 12, time: 12, min: 0.9, max: 0.9 },
        // From a copy.
        { queryid: 9, since: 20, ...calls(1e6) },
      ]),
    )
    expect(told(ledger)).toMatchObject({
      'pg_query_calls{datname=db5,query=7}': 500,
      'pg_query_calls{datname=db5,query=8}': 2,
    })
    expect(sum(told(ledger), 'pg_query_calls')).toBe(502)
  })

  test('are not taken for new where the role can see more than before', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, [{ queryid: 0, ...calls(1e6) }]))
    expect(ledger.hidden).toBe(1)
    ledger.take(lookOf(110, [{ queryid: 7, ...calls(1e6) }]))
    expect(sum(told(ledger), 'pg_query_calls')).toBe(0)
    ledger.take(lookOf(120, [{ queryid: 7, ...calls(1e6 + 3) }]))
    expect(sum(told(ledger), 'pg_query_calls')).toBe(3)
  })

  test('are where a series begins, when nobody looked for long', () => {
    const ledger = ledgerOf()
    ledger.take(lookOf(100, [{ queryid: 7, ...calls(10) }]))
    ledger.take(lookOf(4_000, [{ queryid: 7, ...calls(5_000) }]))
    const key = 'pg_query_calls{datname=db5,query=7}'
    expect(samplesOf(ledger.tables())[key]).toBe(4_990)
  })
})

describe('whatever a server does, nothing negative or absurd is told', () => {
  const row = fc.record({
    queryid: fc.integer({ min: 1, max: 6 }),
    userid: fc.constantFrom(10, 11),
    toplevel: fc.boolean(),
    calls: fc.integer({ min: 1, max: 1_000 }),
    ms: fc.double({ min: 0.001, max: 1e4, noNaN: true }),
    deviation: fc.double({ min: 0, max: 1e4, noNaN: true }),
    hit: fc.integer({ min: 0, max: 1_000 }),
    since: fc.constantFrom(0, 0, 0, 5, 95, 105, 125),
  })
  const look = fc.record({
    rows: fc.uniqueArray(row, {
      maxLength: 8,
      selector: ({ queryid, userid, toplevel }) => `${String(queryid)} ${String(userid)} ${String(toplevel)}`,
    }),
    startedAt: fc.constantFrom(1, 1, 1, 103, 113),
    resetAt: fc.constantFrom(1, 1, 1, 104, 114, undefined),
    evictions: fc.constantFrom(0, 0, 1),
  })

  test('by counters that fall, rise and vanish', () => {
    fc.assert(
      fc.property(
        fc.array(look, { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        (looks, top) => {
          const ledger = ledgerOf(top)
          let previous: Readonly<Record<string, number>> = {}
          let most = 0
          for (const [i, { rows, ...facts }] of looks.entries()) {
            const given = rows.map(({ ms, ...one }) => ({
              ...one,
              ...{ time: one.calls * ms, min: ms, max: ms },
            }))
            ledger.take(lookOf(100 + 10 * i, given, facts))
            most += rows.reduce((total, one) => total + one.calls, 0)
            for (const samples of [samplesOf(ledger.tables()), samplesOf(ledger.tables())]) {
              for (const [key, value] of Object.entries(samples)) {
                expect(Number.isFinite(value) && value >= 0, key).toBe(true)
                const isCounter = !key.startsWith('pg_query_exec_time_max')
                if (isCounter && value > 0) expect(value, key).toBeGreaterThanOrEqual(previous[key] ?? 0)
              }
              // No more than if each look had counted from nothing.
              expect(sum(samples, 'pg_query_calls')).toBeLessThanOrEqual(most)
              previous = samples
            }
          }
        },
      ),
    )
  })

  test('and resets between looks lose what was since the look before, and nothing else', () => {
    const step = fc.record({
      calls: fc.integer({ min: 0, max: 50 }),
      reset: fc.constantFrom('no', 'no', 'one', 'all'),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        const ledger = ledgerOf()
        let count = 100
        let resetAt = 1
        let truth = 0
        const take = (at: number): void =>
          ledger.take(lookOf(at, count === 0 ? [] : [{ queryid: 7, ...calls(count) }], { resetAt }))
        take(1_000)
        for (const [i, { calls: more, reset }] of steps.entries()) {
          const at = 1_000 + 10 * (i + 1)
          if (reset !== 'no') count = 0
          if (reset === 'all') resetAt = at - 5
          // What begins anew and has gone beyond where it was cannot be told apart before 17, if it was one statement only.
          const added = reset === 'one' ? Math.min(more, 1) : more
          count += added
          truth += added
          take(at)
        }
        expect(sum(told(ledger), 'pg_query_calls')).toBeLessThanOrEqual(truth)
        if (!steps.some(({ reset }) => reset === 'one'))
          expect(sum(told(ledger), 'pg_query_calls')).toBe(truth)
      }),
    )
  })
})

describe('a server with more statements than places', () => {
  /** Each look ten seconds after the one before; what each does in it by queryid. */
  function play(top: number, intervals: readonly ((queryid: number) => number)[], statements = 500): Ledger {
    const ledger = ledgerOf(top)
    const totals = new Map<number, number>()
    ledger.take(lookOf(1_000, []))
    for (const [i, callsOf] of intervals.entries()) {
      for (let id = 1; id <= statements; id++) totals.set(id, (totals.get(id) ?? 0) + callsOf(id))
      const rows = [...totals].filter(([, count]) => count > 0)
      ledger.take(
        lookOf(
          1_010 + 10 * i,
          rows.map(([queryid, count]) => ({ queryid, ...calls(count) })),
        ),
      )
      ledger.tables()
    }
    return ledger
  }

  test('tells those that do most, the others as one, and all of them together are the truth', () => {
    const ledger = play(
      80,
      Array.from({ length: 20 }, () => (id: number) => id),
    )
    const samples = told(ledger)
    const own = Object.keys(samples).filter((key) => /^pg_query_calls\{datname=db5,query=\d+\}$/.test(key))
    expect(own).toHaveLength(80)
    expect(own).toContain('pg_query_calls{datname=db5,query=500}')
    expect(samples['pg_query_calls{datname=db5,query=other}']).toBeGreaterThan(0)
    expect(sum(samples, 'pg_query_calls')).toBe((20 * 500 * 501) / 2)
    expect(samples['pg_query_duration_seconds_count{datname=db5}']).toBeCloseTo((20 * 500 * 501) / 2, 3)
  })

  test('keeps one that does about as much as others, whoever is ahead now', () => {
    const close = Array.from({ length: 60 }, (_, i) => (id: number) => 100 + ((id * 7 + i) % 10))
    const early = new Set([...play(80, close.slice(0, 6)).chosen].map(({ queryid }) => queryid))
    const late = [...play(80, close).chosen].map(({ queryid }) => queryid)
    expect(late.filter((queryid) => early.has(queryid))).toHaveLength(80)
  })

  test('sees within a minute what does more than all others', () => {
    const quiet = Array.from({ length: 12 }, () => (id: number) => (id === 1 ? 0 : 10))
    const busy = Array.from({ length: 6 }, () => (id: number) => (id === 1 ? 5_000 : 10))
    const chosen = [...play(80, [...quiet, ...busy]).chosen].map(({ queryid }) => queryid)
    expect(chosen).toContain('1')
  })

  test('has no more than 1,300 series, with 5,000 statements in 40 databases that do everything', () => {
    const ledger = ledgerOf()
    const rows = (count: number): readonly StatementRow[] =>
      Array.from({ length: 5_000 }, (_, i) => {
        const all = { rows: count, plan: count, io: count, wal: count, images: count, hit: count }
        const more = { read: count, dirtied: count, written: count, temp: count }
        return { queryid: i + 1, dbid: i % 40, ...calls(count * ((i % 97) + 1)), ...all, ...more }
      })
    for (let i = 1; i <= 13; i++) ledger.take(lookOf(1_000 + 10 * i, rows(i)))
    ledger.tables()
    expect(Object.keys(samplesOf(ledger.tables())).length).toBeLessThanOrEqual(1_300)
    expect(told(ledger)['pg_query_calls{datname=(other),query=other}']).toBeGreaterThan(0)
  })
})
