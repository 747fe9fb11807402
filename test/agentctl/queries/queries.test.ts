import { describe, expect, test } from 'vitest'
import { displayWidth } from '../../../agentctl/display-width.ts'
import type { OneQuery, Percentile, QueryFigures, QueryRow } from '../../../common/insight/queries-view.ts'
import { failure, fakeCollector } from '../fake-collector.ts'
import { runAgentctl } from '../run-agentctl.ts'

const endMs = 1_700_000_100_000
const startMs = endMs - 3_600_000

const percentile = (value: number, more: Partial<Percentile> = {}): Percentile => ({
  value,
  method: 'pgss-lognormal',
  calls: 12_345,
  cv: 0.8,
  lo: value / 3,
  hi: value * 4,
  confidence: 'medium',
  partial: false,
  ...more,
})

const figures: QueryFigures = {
  calls: 12_345,
  timeSeconds: 61.7,
  meanSeconds: 0.005,
  p50: percentile(0.0041),
  p95: percentile(0.0123),
  p99: percentile(0.0234),
  planSeconds: 0,
  rows: 24_690,
  ioSeconds: 0.5,
  walBytes: 0,
  fullPageImages: 0,
  tempBytes: 0,
  blocksHit: 990,
  blocksRead: 10,
  blocksDirtied: 0,
  blocksWritten: 0,
}

const row = (more: Partial<QueryRow> = {}): QueryRow => ({
  ...figures,
  cluster: 'pg-main',
  datname: 'app',
  query: '-2641308432719236745',
  servers: ['pg-main-1'],
  share: 0.617,
  text: 'SELECT *\n  FROM orders WHERE id = $1',
  ...more,
})

const top = (rows: readonly QueryRow[], others: readonly QueryRow[] = []) => ({
  startMs,
  endMs,
  timeSeconds: 100,
  calls: 20_000,
  p50: percentile(0.002, { method: 'histogram', cv: null }),
  p95: percentile(0.02, { method: 'histogram', cv: null }),
  p99: percentile(0.2, { method: 'histogram', cv: null }),
  rows,
  others,
})

describe('agentctl queries top', () => {
  test('cuts texts that no terminal cuts, and not in json', async () => {
    const text = `select ${'一二, '.repeat(2_000)}`.trim()
    const { url } = await fakeCollector({ 'GET /api/v1/queries': () => top([row({ text })]) })
    const piped = await runAgentctl(['queries', 'top'], { url, width: Infinity })
    const [cell] = /select .*$/m.exec(piped.out) ?? []
    expect(cell).toMatch(/…$/)
    expect(displayWidth(cell!)).toBeLessThanOrEqual(160)
    expect((await runAgentctl(['queries', 'top', '--json'], { url })).out).toContain(text)
  })

  test('shows what took the time, the others together, and all executions in one line before', async () => {
    const slow = row({
      query: '42',
      calls: 12,
      timeSeconds: 130,
      meanSeconds: 10.8,
      p50: null,
      p95: percentile(12, { confidence: 'low' }),
      p99: percentile(30, { confidence: 'low', partial: true }),
      share: 0.3,
      tempBytes: 3 * 2 ** 30,
      text: null,
    })
    const other = row({ query: 'other', share: 0.083, text: null })
    const { url } = await fakeCollector({ 'GET /api/v1/queries': () => top([row(), slow], [other]) })
    expect((await runAgentctl(['queries', 'top'], { url, width: 170 })).out).toMatchInlineSnapshot(`
      "1h00m until 2023-11-14 22:15:00: 20k calls, 1m40s in statements (0.0278 sessions busy on average); all executions: p50 2ms, p95 20ms, p99 200ms
      SHARE   TIME  CALLS   MEAN    P50     P95     P99  ROWS/CALL    HIT     IO  WAL   TEMP  QUERY                 TEXT
      61.7%  61.7s  12.3k    5ms  4.1ms  12.3ms  23.4ms          2  99.0%  500ms    0      0  -2641308432719236745  SELECT * FROM orders WHERE id = $1
      30.0%  2m10s     12  10.8s      -    12s?   30s?*      2.06k  99.0%  500ms    0  3 GiB  42
       8.3%  61.7s  12.3k    5ms  4.1ms  12.3ms  23.4ms          2  99.0%  500ms    0      0  other                 (all other statements)"
    `)
  })

  test('the range, the scope and the order are the collector’s', async () => {
    const { url, asked } = await fakeCollector({ 'GET /api/v1/queries': () => top([]) })
    const flags = ['-c', 'pg-main', '-s', 'pg-main-2', '-d', 'app', '--since', '100s', '--sort', 'p99']
    const { out } = await runAgentctl(['queries', 'top', ...flags, '--limit', '5'], { url })
    expect(asked[0]?.query.toString()).toBe(
      'cluster=pg-main&server=pg-main-2&datname=app&start=1700000000&sort=p99&limit=5',
    )
    expect(out).toMatch(/^no statement was counted there: /)
    await runAgentctl(['queries', 'top', '--from', 'now-3h', '--to', 'now-2h'], { url })
    expect(asked[1]?.query.toString()).toBe('start=now-3h&end=now-2h&sort=time&limit=20')
  })

  test('--json has the collector’s answer, whole texts included', async () => {
    const { url } = await fakeCollector({ 'GET /api/v1/queries': () => top([row()]) })
    const { out } = await runAgentctl(['queries', 'top', '--json'], { url })
    expect(JSON.parse(out)).toEqual(top([row()]))
  })

  test('another order is wrong usage, and so is a range told twice', async () => {
    const url = 'http://127.0.0.1:1'
    expect((await runAgentctl(['queries', 'top', '--sort', 'fun'], { url })).error).toMatchObject({
      exit: 2,
      message: expect.stringContaining('p95') as string,
    })
    const both = ['--since', '1h', '--from', 'now-2h']
    expect((await runAgentctl(['queries', 'top', ...both], { url })).error).toMatchObject({ exit: 2 })
  })
})

describe('agentctl queries show', () => {
  const one = (more: Partial<OneQuery> = {}): OneQuery => ({
    ...row(),
    firstSeenMs: startMs - 86_400_000,
    lastSeenMs: endMs - 60_000,
    byServer: [
      { ...figures, server: 'pg-main-1' },
      { ...figures, server: 'pg-main-2', calls: 3, meanSeconds: 0.01, p50: null, p95: null, p99: null },
    ],
    trend: [10, 20, 0, 40].map((calls, at) => ({
      atMs: startMs + (at + 1) * 900_000,
      calls,
      meanSeconds: calls > 0 ? calls / 1000 : null,
      p95: calls > 15 ? percentile(calls / 500) : null,
    })),
    regressions: [
      { server: 'pg-main-1', sinceMs: endMs - 1_800_000, what: 'p95', before: 0.0031, after: 0.0123 },
    ],
    ...more,
  })
  const answer = (found: readonly OneQuery[]) => ({ startMs, endMs, stepMs: 900_000, found })

  test('has its figures and how sure they are, when, where, and its text as it is written', async () => {
    const { url, asked } = await fakeCollector({
      'GET /api/v1/queries/-2641308432719236745': () => answer([one()]),
    })
    const { out } = await runAgentctl(['queries', 'show', '-2641308432719236745', '-c', 'pg-main'], { url })
    expect(asked[0]?.query.toString()).toBe('cluster=pg-main')
    expect(out).toMatchInlineSnapshot(`
      "statement  -2641308432719236745 of app in pg-main
      seen       2023-11-13 21:15:00 until 2023-11-14 22:14:00
      range      1h00m until 2023-11-14 22:15:00
      calls      12.3k, 61.7s in all, 61.7% of the time of all statements
      mean       5ms
      p50        4.1ms  medium confidence, certainly from 1.37ms to 16.4ms (estimated from moments of 12.3k calls, variation 0.8)
      p95        12.3ms  medium confidence, certainly from 4.1ms to 49.2ms (estimated from moments of 12.3k calls, variation 0.8)
      p99        23.4ms  medium confidence, certainly from 7.8ms to 93.6ms (estimated from moments of 12.3k calls, variation 0.8)
      rows       2 per call
      blocks     0.081 per call, 99.0% from the cache
      I/O        500ms reading and writing
      worse      p95 3.1ms -> 12.3ms on pg-main-1 against its last week, since 2023-11-14 21:45:00

      Every 15m00s:
      calls  ▃▅▁█  0 to 40
      mean   ▃▅ █  10ms to 40ms
      p95     ▅ █  40ms to 80ms

      SERVER     CALLS   TIME  MEAN    P50     P95     P99  ROWS/CALL    HIT
      pg-main-1  12.3k  61.7s   5ms  4.1ms  12.3ms  23.4ms          2  99.0%
      pg-main-2      3  61.7s  10ms      -       -       -      8.23k  99.0%

      SELECT *
        FROM orders WHERE id = $1"
    `)
  })

  test('one that is in several databases is shown for each of them', async () => {
    const { url } = await fakeCollector({
      'GET /api/v1/queries/5': () => answer([one(), one({ datname: 'shop', text: null })]),
    })
    const { out } = await runAgentctl(['queries', 'show', '5'], { url })
    expect(out).toContain('of app in pg-main')
    expect(out).toContain('of shop in pg-main')
    expect(out).toContain('no agent has told its text yet')
  })

  test('a text cannot speak to the terminal', async () => {
    const { url } = await fakeCollector({
      'GET /api/v1/queries/5': () => answer([one({ text: 'select "\u001b[2J" from t' })]),
    })
    expect((await runAgentctl(['queries', 'show', '5'], { url })).out).toContain('select "\\u001b[2J" from t')
  })

  test('one that nobody knows ends with 1', async () => {
    const { url } = await fakeCollector({
      'GET /api/v1/queries/5': () => failure('not_found', 'no statement 5 is known there'),
    })
    expect((await runAgentctl(['queries', 'show', '5'], { url })).error).toMatchObject({ exit: 1 })
  })
})

describe('agentctl queries compare', () => {
  const compared = (before: Partial<QueryFigures>, after: Partial<QueryFigures>, query: string) => ({
    cluster: 'pg-main',
    datname: 'app',
    query,
    text: 'select 1',
    before: { ...figures, ...before },
    after: { ...figures, ...after },
  })
  const gone = { calls: 0, timeSeconds: 0, meanSeconds: null, p50: null, p95: null, p99: null }

  test('shows figures of before and after side by side', async () => {
    const span = { startMs, endMs }
    const { url, asked } = await fakeCollector({
      'GET /api/v1/queries/compare': () => ({
        before: { startMs: startMs - 86_400_000, endMs: endMs - 86_400_000 },
        after: span,
        rows: [
          compared({}, { timeSeconds: 617, meanSeconds: 0.05, p95: percentile(0.2), blocksHit: 99_990 }, '1'),
          compared(gone, {}, '2'),
          compared({}, gone, '3'),
        ],
      }),
    })
    const { out } = await runAgentctl(['queries', 'compare', '-c', 'pg-main'], { url, width: 140 })
    expect(asked[0]?.query.toString()).toBe(
      'cluster=pg-main&before_start=now-25h&before_end=now-24h&start=now-1h&end=now&sort=time&limit=20',
    )
    expect(out).toMatchInlineSnapshot(`
      "before: 2023-11-13 21:15:00 to 2023-11-13 22:15:00, after: 2023-11-14 21:15:00 to 2023-11-14 22:15:00 (UTC)
          CALLS/S        MEAN             P95  BLOCKS/CALL          TIME  CHANGE  QUERY  TEXT
      3.43 → 3.43  5ms → 50ms  12.3ms → 200ms  0.081 → 8.1  1.7% → 17.1%     ×10  1      select 1
         0 → 3.43     - → 5ms      - → 12.3ms    - → 0.081   0.0% → 1.7%     new  2      select 1
         3.43 → 0     5ms → -      12.3ms → -    0.081 → -   1.7% → 0.0%    gone  3      select 1"
    `)
  })

  test('ranges are FROM..TO', async () => {
    const { url, asked } = await fakeCollector({
      'GET /api/v1/queries/compare': () => ({
        before: { startMs, endMs },
        after: { startMs, endMs },
        rows: [],
      }),
    })
    const flags = ['--before', '2026-11-27T02:00:00Z..2026-11-27T03:00:00Z', '--after', 'now-30m..']
    expect((await runAgentctl(['queries', 'compare', ...flags], { url })).out).toBe(
      'no statement was counted in either range',
    )
    expect(asked[0]?.query.get('before_start')).toBe('2026-11-27T02:00:00Z')
    expect(asked[0]?.query.get('end')).toBe('now')
    expect((await runAgentctl(['queries', 'compare', '--before', 'yesterday'], { url })).error).toMatchObject(
      {
        exit: 2,
        message: expect.stringContaining('FROM..TO') as string,
      },
    )
  })
})
