import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../../../collector/promql/engine.ts'
import { PgherdError } from '../../../common/errors.ts'
import { metricsqlText, tokenSoup } from './expression-arbitrary.ts'
import { cpuMs, largeQueries, problemOf } from './large-queries.ts'
import { loadSeries } from './load-series.ts'

const series = loadSeries(10_000, 'm{a="1"} 0+1x100', 'm{a="2"} 0+2x100')

describe('large queries (a drill asks with a megabyte)', () => {
  test.each(largeQueries(30_000))('%s', (_, text, message) => {
    expect(problemOf(text)).toContain(message)
  })
})

describe('regular expressions', () => {
  test.each(['(a+)+$', '(a|a)*b', '(.*)*x', '(a?){50}a{50}'])('%s takes linear time', async (pattern) => {
    const long = loadSeries(1000, `m{src="${'a'.repeat(20_000)}"} 1`)
    const query = `count(label_replace(m{src!~"${pattern}x"}, "dst", "$1", "src", "${pattern}"))`
    expect(await cpuMs(() => createEngine().instant(long, query, 0))).toBeLessThan(5_000)
  })

  test.each([
    ['m{a=~"((((a{1000}){1000}){1000}){1000})"}', 'invalid repeat count'],
    ['m{a=~"(?<!a)b"}', 'error parsing regexp'],
    ['m{a=~"(a)\\\\1"}', 'error parsing regexp'],
  ])('%s is refused', (text, message) => {
    expect(problemOf(text)).toContain(message)
  })

  test('one that does not compile fails the query and not the process', async () => {
    await expect(
      createEngine().instant(series, 'label_replace(m, "d", "$1", "a", "(")', 0),
    ).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: 'invalid regular expression in label_replace(): (',
    })
  })

  test('label_join to an empty name is refused', async () => {
    await expect(createEngine().instant(series, 'label_join(m, "", "-", "a")', 0)).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: 'invalid destination label name in label_join(): ""',
    })
  })
})

describe('points and samples are counted before they are allocated', () => {
  const small = createEngine({ maxSamples: 10_000 })
  test.each([
    'max_over_time(m[1y:1ms])',
    'max_over_time(max_over_time(m[1d:1m])[10d:1m])',
    'sum_over_time(vector(1)[1y:1ms])',
    'sum_over_time(vector(time())[1y:1ms])',
    'sum_over_time((vector(scalar(m)) + pi())[1y:1ms])',
    'sum_over_time(hour()[1y:1ms])',
    'sum_over_time((m default 1)[1y:1ms])',
    'sum_over_time(absent(nothing)[1y:1ms])',
    'sum_over_time(vector(rand())[1y:1ms])',
    'sum_over_time(union(1, 2)[1y:1ms])',
    'sum_over_time((sum(m) @ 5)[1y:1ms])',
    'sum_over_time((nothing or vector(1))[1y:1ms])',
  ])('%s', async (query) => {
    const before = process.memoryUsage().arrayBuffers
    await expect(small.instant(series, query, 500_000)).rejects.toMatchObject({ code: 'QUERY_LIMIT' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
  })
})

describe('the deadline is looked at inside of long loops', () => {
  const wide = loadSeries(
    10_000,
    ...Array.from({ length: 200 }, (_, i) => `w{i="${i}",g="${i % 3}"} 0+${i}x50`),
  )
  test.each([
    'quantile_over_time(0.5, w[8m:1s])',
    'sum by (g) (w) + on (g) group_right() w',
    'topk_avg(3, w)',
    'median(w)',
    'zscore(w)',
    'w default 5',
    'w default on(g) sum by (g) (w)',
    'rollup_rate(w[5m])',
    'running_sum(w)',
    'label_set(w, "a", "b")',
    'union(w, w)',
    'distinct_over_time(w[5m])',
  ])('%s', async (query) => {
    let nowMs = 0
    // Time passes with every look at the clock: a loop that does not look never ends early.
    const clock = { now: () => 0, monotonic: () => (nowMs += 20), sleep: () => Promise.resolve() }
    const slow = createEngine({ clock })
    await expect(slow.range(wide, query, 0, 500_000, 500, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    })
  })
})

describe('nothing but an error of the catalogue ever comes out', () => {
  test('of the parser, whatever tokens it gets', () => {
    fc.assert(
      fc.property(tokenSoup, (text) => {
        problemOf(text)
      }),
      { numRuns: 1_500, interruptAfterTimeLimit: 4_000 },
    )
  })

  test('of the engine, whatever parses', async () => {
    const bounded = createEngine({ maxSamples: 100_000, maxSeries: 1_000 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(metricsqlText, tokenSoup), async (text) => {
        for (const run of [
          () => bounded.instant(series, text, 500_000, { timeoutMs: 2_000 }),
          () => bounded.range(series, text, 100_000, 500_000, 40_000, { timeoutMs: 2_000 }),
        ]) {
          try {
            await run()
          } catch (error) {
            if (!(error instanceof PgherdError)) throw error
            expect(error.code).toMatch(/^(?:QUERY_(?:INVALID|FAILED|LIMIT)|TIMED_OUT)$/)
          }
        }
      }),
      { numRuns: 200, interruptAfterTimeLimit: 4_000 },
    )
  })
})
