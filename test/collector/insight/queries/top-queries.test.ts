import { describe, expect, test } from 'vitest'
import { topQueries } from '../../../../collector/insight/queries/top-queries.ts'
import { compareQueries } from '../../../../collector/insight/queries/compare-queries.ts'
import { oneQuery } from '../../../../collector/insight/queries/one-query.ts'
import { calls, never, noCalls, statementStore } from './statement-store.ts'
import type { Counted, StatementPlace } from './statement-store.ts'

const minute = 60_000
const startMs = Date.parse('2026-11-27T02:00:00Z')
const endMs = startMs + 30 * minute

/** Ten seconds between two measurements; `per` gives what came since the last one. */
function measure(
  told: Pick<ReturnType<typeof statementStore>, 'tell'>,
  place: StatementPlace,
  per: (i: number, before: Counted) => Counted,
  fromMs = startMs,
): void {
  let counted = noCalls
  told.tell(place, fromMs, counted)
  for (let i = 1; fromMs + i * 10_000 <= endMs; i++) {
    counted = per(i, counted)
    told.tell(place, fromMs + i * 10_000, counted)
  }
}

function herd() {
  const told = statementStore()
  // 10 calls of 5 ms on one server, 5 of 20 ms on the other.
  measure(told, { server: 'pg-main-1', query: '11' }, (_, before) =>
    calls(before, 10, 0.005, 0.001, { rows: 20, sblk_hit: 90, sblk_read: 10 }),
  )
  measure(told, { server: 'pg-main-2', query: '11' }, (_, before) => calls(before, 5, 0.02, 0.001))
  // Slow and rare.
  measure(told, { server: 'pg-main-1', query: '22' }, (i, before) =>
    i % 6 === 0 ? calls(before, 1, 2, 0, { wal_bytes: 8192, temp_bytes: 1e6 }) : before,
  )
  measure(told, { server: 'pg-main-1', query: 'other' }, (_, before) => calls(before, 3, 0.001))
  measure(told, { cluster: 'pg-shop', server: 'pg-shop-1', query: '11' }, (_, before) =>
    calls(before, 1, 0.001),
  )
  const sources = {
    store: told.store,
    textOf: ({ query }: { query: string }) => (query === '11' ? 'select $1' : undefined),
    seen: () => undefined,
    known: () => [],
    regressionsOf: () => [],
  }
  return { ...told, sources }
}

const request = { startMs, endMs, sort: 'time', limit: 20 } as const

describe('the top of a range', () => {
  test('has calls, times and rows as they were counted, of all servers of a cluster together', async () => {
    const { sources } = herd()
    const { rows, others } = await topQueries(sources, { ...request, cluster: 'pg-main' }, never)
    expect(rows.map(({ query }) => query)).toEqual(['22', '11'])
    const [slow, quick] = rows
    // 180 intervals of ten seconds.
    expect(slow).toMatchObject({
      calls: 30,
      timeSeconds: 60,
      meanSeconds: 2,
      walBytes: 30 * 8192,
      text: null,
    })
    expect(quick).toMatchObject({
      calls: 180 * 15,
      rows: 180 * 20,
      blocksHit: 180 * 90,
      blocksRead: 180 * 10,
      servers: ['pg-main-1', 'pg-main-2'],
      text: 'select $1',
    })
    expect(quick!.timeSeconds).toBeCloseTo(180 * 0.15, 9)
    expect(others).toHaveLength(1)
    expect(others[0]).toMatchObject({ query: 'other', calls: 540, servers: ['pg-main-1'] })
  })

  test('the shares of all rows and of the others are the whole', async () => {
    const { sources } = herd()
    const { rows, others } = await topQueries(sources, { ...request, cluster: 'pg-main' }, never)
    const total = [...rows, ...others].reduce((sum, { share }) => sum + share, 0)
    expect(total).toBeCloseTo(1, 9)
  })

  test('a percentile is of all calls: parts are mixed, and no percentiles averaged', async () => {
    const { sources } = herd()
    const { rows } = await topQueries(sources, { ...request, cluster: 'pg-main' }, never)
    const quick = rows.find(({ query }) => query === '11')!
    // Two of three calls take about 5 ms, the third 20 ms: the average of both medians would be 12 ms.
    expect(quick.p50!.value).toBeGreaterThan(0.004)
    expect(quick.p50!.value).toBeLessThan(0.007)
    expect(quick.p95!.value).toBeGreaterThan(0.019)
    expect(quick.p95!.value).toBeLessThan(0.023)
    expect(quick.p95).toMatchObject({ method: 'pgss-lognormal', calls: 2700, partial: false })
  })

  test('is of one server, one database or everything, as it is asked for', async () => {
    const { sources } = herd()
    const one = await topQueries(sources, { ...request, server: 'pg-main-2' }, never)
    expect(one.rows.map(({ query, calls: count }) => [query, count])).toEqual([['11', 900]])
    const all = await topQueries(sources, { ...request, sort: 'calls' }, never)
    expect(all.rows.map(({ cluster, query }) => `${cluster} ${query}`)).toEqual([
      'pg-main 11',
      'pg-shop 11',
      'pg-main 22',
    ])
    expect((await topQueries(sources, { ...request, datname: 'none' }, never)).rows).toEqual([])
  })

  test.each([
    ['calls', '11'],
    ['p95', '22'],
    ['mean', '22'],
    ['wal', '22'],
    ['temp', '22'],
    ['blocks', '11'],
    ['rows', '11'],
  ] as const)('sorted by %s begins with %s', async (sort, query) => {
    const { sources } = herd()
    const { rows } = await topQueries(sources, { ...request, cluster: 'pg-main', sort, limit: 1 }, never)
    expect(rows.map((row) => row.query)).toEqual([query])
  })

  test('what is not in the list is in the whole, too', async () => {
    const { sources } = herd()
    const {
      rows,
      timeSeconds,
      calls: count,
    } = await topQueries(sources, { ...request, cluster: 'pg-main', limit: 1 }, never)
    expect(rows).toHaveLength(1)
    expect(timeSeconds).toBeCloseTo(60 + 180 * 0.15 + 540 * 0.001, 6)
    expect(count).toBe(30 + 2700 + 540)
  })

  test('a statement with fewer than twenty calls has no percentiles', async () => {
    const { sources } = herd()
    const short = { ...request, startMs: endMs - 5 * minute, cluster: 'pg-main' }
    const { rows } = await topQueries(sources, short, never)
    expect(rows.find(({ query }) => query === '22')).toMatchObject({
      calls: 5,
      p50: null,
      p95: null,
      p99: null,
    })
  })

  test('a counter that begins anew with its agent loses nothing and gives nothing absurd', async () => {
    const told = statementStore()
    measure(told, { server: 'pg-main-1', query: '11' }, (i, before) =>
      calls(i === 90 ? undefined : before, 10, 0.005),
    )
    const { rows } = await topQueries({ store: told.store, textOf: () => undefined }, request, never)
    expect(rows[0]!.calls).toBe(1800)
    // What was called between its last look and its first is missing.
    expect(rows[0]!.p95!.partial).toBe(true)
  })

  test('percentiles say so where an agent has missed calls within the range', async () => {
    const told = herd()
    const labels = ['__name__', 'pg_query_partial_intervals', 'cls', 'pg-main', 'ins', 'pg-main-1']
    for (let i = 0; i <= 180; i++) {
      await told.append(startMs + i * 10_000, [labels], Float64Array.of(i < 60 ? 0 : 1))
    }
    const partialOf = async (fromMs: number): Promise<boolean | undefined> => {
      const asked = { ...request, startMs: fromMs, cluster: 'pg-main' }
      const { rows } = await topQueries(told.sources, asked, never)
      return rows.find(({ query }) => query === '11')!.p95?.partial
    }
    expect(await partialOf(startMs)).toBe(true)
    expect(await partialOf(startMs + 15 * minute)).toBe(false)
  })

  test('percentiles of whole databases come from the histogram of all executions', async () => {
    const told = herd()
    for (let i = 0; i <= 180; i++) {
      const buckets = [
        ['0.01', 90],
        ['0.1', 98],
        ['1', 100],
        ['+Inf', 100],
      ] as const
      for (const [le, count] of buckets) {
        const name = `pg_query_duration_seconds_bucket`
        await told.append(
          startMs + i * 10_000,
          [['__name__', name, 'cls', 'pg-main', 'datname', 'app', 'ins', 'pg-main-1', 'le', le]],
          Float64Array.of(count * i),
        )
      }
    }
    const { p50, p95, p99 } = await topQueries(told.sources, { ...request, cluster: 'pg-main' }, never)
    expect(p50).toMatchObject({ method: 'histogram', lo: 0, hi: 0.01 })
    expect(p95).toMatchObject({ lo: 0.01, hi: 0.1 })
    expect(p99!.value).toBeGreaterThan(0.1)
    expect(p99!.value).toBeLessThan(1)
  })
})

describe('one statement', () => {
  test('over time and by server', async () => {
    const { sources } = herd()
    const { found, stepMs } = await oneQuery(sources, { ...request, query: '11', cluster: 'pg-main' }, never)
    expect(found).toHaveLength(1)
    const [one] = found
    expect(stepMs).toBe(minute)
    expect(one!.byServer.map(({ server, calls: count }) => [server, count])).toEqual([
      ['pg-main-1', 1800],
      ['pg-main-2', 900],
    ])
    expect(one!.trend).toHaveLength(30)
    expect(one!.trend.every(({ calls: count }) => count === 90)).toBe(true)
    expect(one!.trend.at(-1)!.atMs).toBe(endMs)
    expect(one!.trend[0]!.meanSeconds).toBeCloseTo(0.01, 9)
    expect([one!.firstSeenMs, one!.lastSeenMs]).toEqual([startMs, endMs])
  })

  test('one that stood still until the range began has all of its calls, although it is told once a minute', async () => {
    const told = statementStore()
    const told10 = calls(undefined, 10, 0.01)
    told.tell({ server: 'pg-main-1', query: '5' }, startMs - 95_000, told10)
    told.tell({ server: 'pg-main-1', query: '6' }, startMs - 35_000, told10)
    for (const atMs of [startMs + 5_000, startMs + 65_000]) {
      for (const query of ['5', '6']) told.tell({ server: 'pg-main-1', query }, atMs, calls(told10, 7, 0.01))
    }
    const { sources } = herd()
    const { found } = await oneQuery({ ...sources, store: told.store }, { ...request, query: '5' }, never)
    expect(found.map((one) => one.calls)).toEqual([7])
    const { rows } = await topQueries({ ...sources, store: told.store }, request, never)
    expect(rows.map((one) => [one.query, one.calls])).toEqual([['6', 7]])
  })

  test('of all clusters that know it, the busiest first; one that did nothing is told from its text', async () => {
    const { sources } = herd()
    const known = () => [{ cluster: 'pg-old', datname: 'app', query: '11' }]
    const { found } = await oneQuery({ ...sources, known }, { ...request, query: '11' }, never)
    expect(found.map(({ cluster, calls: count }) => [cluster, count])).toEqual([
      ['pg-main', 2700],
      ['pg-shop', 180],
      ['pg-old', 0],
    ])
  })
})

test('two ranges: what changed most is in front, per second where the ranges differ in length', async () => {
  const told = statementStore()
  const half = startMs + 15 * minute
  measure(told, { server: 'pg-main-1', query: '1' }, (_, before) => calls(before, 100, 0.01))
  measure(told, { server: 'pg-main-1', query: '2' }, (i, before) => calls(before, 10, i > 90 ? 0.1 : 0.01))
  measure(told, { server: 'pg-main-1', query: '3' }, (_, before) => calls(before, 10, 0.02), half)
  const { rows } = await compareQueries(
    { store: told.store, textOf: () => undefined },
    {
      before: { startMs, endMs: half },
      after: { startMs: half + 5 * minute, endMs },
      sort: 'time',
      limit: 2,
    },
    never,
  )
  expect(rows.map(({ query }) => query)).toEqual(['2', '3'])
  expect(rows[0]!.before.meanSeconds).toBeCloseTo(0.01, 9)
  expect(rows[0]!.after.meanSeconds).toBeCloseTo(0.1, 9)
  expect(rows[1]!.before).toMatchObject({ calls: 0, meanSeconds: null, p95: null })
})

describe('over many hours', () => {
  const hours = 8 * 3_600_000
  const long = { startMs: endMs - hours, endMs, sort: 'time', limit: 1 } as const

  test('statements are chosen by what rules recorded of them, and counted exactly', async () => {
    const told = statementStore()
    for (const query of ['1', '2'])
      measure(told, { server: 'pg-main-1', query }, (_, before) => calls(before, 1, 0.01))
    // The first was recorded by no rule, and so is not looked at.
    const name = 'statement:pg_query_exec_time:rate5m'
    const labels = ['cls', 'pg-main', 'datname', 'app', 'ins', 'pg-main-1', 'query', '2']
    for (let atMs = endMs - hours; atMs <= endMs; atMs += 300_000) {
      await told.append(atMs, [['__name__', name, ...labels]], Float64Array.of(0.1))
    }
    const { rows } = await topQueries({ store: told.store, textOf: () => undefined }, long, never)
    expect(rows.map(({ query, calls: count }) => [query, count])).toEqual([['2', 180]])
  })

  test('where no rule records them they are chosen by what was counted', async () => {
    const told = statementStore()
    measure(told, { server: 'pg-main-1', query: '1' }, (_, before) => calls(before, 1, 0.01))
    const { rows } = await topQueries({ store: told.store, textOf: () => undefined }, long, never)
    expect(rows.map(({ query, calls: count }) => [query, count])).toEqual([['1', 180]])
  })
})
