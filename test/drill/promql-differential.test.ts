import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrometheus } from '../../testbed/prometheus.ts'
import { answerDifference } from './promql/answer-difference.ts'
import { askApi } from './promql/ask-api.ts'
import type { ApiQuestion } from './promql/ask-api.ts'
import { diverseSeries, firstMs, lastMs } from './promql/diverse-series.ts'
import { namedDifferences, nameOf } from './promql/named-differences.ts'
import { question } from './promql/query-arbitrary.ts'
import { templateQueries } from './promql/template-queries.ts'
import { startTwoServers } from './promql/two-servers.ts'
import type { TwoServers } from './promql/two-servers.ts'

const seconds = (ms: number): string => String(ms / 1000)
const [middleMs, afterMs] = [firstMs + 55 * 60_000 + 1, lastMs + 151_001]
const whens: readonly (readonly [string, Omit<ApiQuestion, 'query'>])[] = [
  ['in the middle of the data', { time: seconds(middleMs) }],
  ['where some series have ended', { time: seconds(afterMs) }],
  ['over ten minutes', { start: seconds(middleMs - 300_000), end: seconds(middleMs + 300_000), step: '10' }],
  [
    'over all data and more',
    { start: seconds(firstMs - 50_999), end: seconds(lastMs + 500_007), step: '97' },
  ],
]
const runs = 2_000

/**
 * The collector and a Prometheus 2.42 with the same samples are asked the same, over HTTP. PGHERD_SEED, a number, makes
 * other generated queries.
 */
describe.skipIf(!hasPrometheus())('the same answer as Prometheus', () => {
  let servers: TwoServers
  beforeAll(async () => {
    servers = await startTwoServers(diverseSeries())
  })
  afterAll(() => servers[Symbol.asyncDispose]())

  const difference = async (asked: ApiQuestion): Promise<string | undefined> => {
    const [ours, theirs] = await Promise.all([
      askApi(servers.collectorUrl, asked),
      askApi(servers.prometheusUrl, asked),
    ])
    return answerDifference(ours, theirs, /^(sort|topk|bottomk)/.test(asked.query))
  }

  const found = new Set<string>()

  test.each(whens)('to every query of the templates, %s', async (_, when) => {
    const differences: string[] = []
    for (const query of templateQueries()) {
      const problem = await difference({ query, ...when })
      if (problem === undefined) continue
      const name = nameOf(query)
      if (name === undefined) differences.push(`${query}: ${problem}`)
      else found.add(name)
    }
    expect(differences).toEqual([])
  })

  test('the differences that are meant are all still there', () => {
    expect(namedDifferences.map(({ reason }) => reason).filter((reason) => !found.has(reason))).toEqual([])
  })

  test(`to ${runs} generated queries`, async () => {
    const seed = Number(process.env['PGHERD_SEED'] ?? 20_240_229)
    await fc.assert(
      fc.asyncProperty(question, async (asked) => {
        expect(await difference(asked)).toBeUndefined()
      }),
      { numRuns: runs, seed },
    )
  })

  test('every double has the same text', async () => {
    const asked = { query: 'doubles[2h]', time: seconds(lastMs) }
    const [ours, theirs] = await Promise.all([
      askApi(servers.collectorUrl, asked),
      askApi(servers.prometheusUrl, asked),
    ])
    if (!('series' in ours) || !('series' in theirs)) throw new Error('no answer')
    expect(ours.series.size).toBe(12)
    expect(ours.series).toEqual(theirs.series)
  })
})
