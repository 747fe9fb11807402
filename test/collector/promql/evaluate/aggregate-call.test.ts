import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import type { EngineOptions } from '../../../../collector/promql/engine.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../../common/series/samples.ts'
import { loadSeries } from '../load-series.ts'
import { createMemoryQueryable } from '../memory-queryable.ts'

/** `or` with nothing changes no value, and makes the call one that is evaluated as a whole first. */
const wholeFirst = (call: string): string => `(${call}) or nothing`

async function expectSame(
  series: readonly SeriesSamples[],
  aggregation: (operand: string) => string,
  call: string,
  options: EngineOptions = {},
): Promise<void> {
  const engine = createEngine(options)
  const queryable = createMemoryQueryable()
  for (const { labels, timestamps, values } of series) queryable.add(labels, timestamps, values)
  const outcomes = [call, wholeFirst(call)].map(async (operand) => {
    try {
      const answer = await engine.range(queryable, aggregation(operand), 30_000, 300_000, 7_000)
      return { series: answer.series, infos: answer.infos.map(withoutPlace) }
    } catch (error) {
      return String(error)
    }
  })
  expect(await outcomes[0]).toEqual(await outcomes[1])
}

const withoutPlace = (info: string): string => info.replace(/ \(\d+:\d+\)$/, '')

const anySeries = fc.record({
  group: fc.constantFrom('a', 'b'),
  /** Many series have the times of others. */
  gapMs: fc.constantFrom(5_000, 10_000, 26_000),
  values: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: 0, max: 1e9, noNaN: true }) },
      fc.constantFrom(NaN, Infinity, 1e308, -1e308, 0.1, -0),
    ),
    { maxLength: 40 },
  ),
})

function samplesOf(
  drawn: readonly { group: string; gapMs: number; values: readonly number[] }[],
  names: readonly string[],
): SeriesSamples[] {
  return drawn.map(({ group, gapMs, values }, i) => ({
    labels: labelSet({ __name__: names[i % names.length]!, group, i: String(i) }),
    timestamps: Float64Array.from(values, (_, at) => at * gapMs),
    values: Float64Array.from(values),
  }))
}

describe('an aggregation of a call that is evaluated series by series', () => {
  const operators = ['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar']
  for (const operator of operators) {
    it(`${operator} has the outcome that it has after the whole call`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anySeries, { maxLength: 8 }),
          fc.constantFrom('rate', 'increase', 'delta'),
          fc.constantFrom('', 'by (group)', 'without (i)', 'by (__name__)'),
          fc.constantFrom(['m_total', 'm', 'm'], ['m_total'], ['m']),
          fc.boolean(),
          async (drawn, name, grouping, names, delayedNameRemoval) => {
            const call = `${name}({__name__=~"m.*"}[47s])`
            const aggregation = (operand: string): string => `${operator} ${grouping} (${operand})`
            await expectSame(samplesOf(drawn, names), aggregation, call, { delayedNameRemoval })
          },
        ),
        { numRuns: 60 },
      )
    })
  }

  it('fails like the whole call when two series differ by name alone', async () => {
    const series = loadSeries(10_000, 'x_total{i="1"} 1 2 3', 'y_total{i="1"} 1 2 3')
    await expect(createEngine().instant(series, 'sum(rate({i="1"}[1m]))', 20_000)).rejects.toThrow(
      'vector cannot contain metrics with the same labelset',
    )
  })

  it('needs no memory for all series times all steps', async () => {
    const series = loadSeries(
      10_000,
      ...Array.from({ length: 50 }, (_, i) => `x_total{i="${i}"} 1 2 3 4 5 6`),
    )
    const engine = createEngine({ maxSamples: 1_000 })
    const { series: answer } = await engine.range(series, 'sum(rate(x_total[20s]))', 0, 50_000, 1_000)
    expect(answer).toHaveLength(1)
    await expect(engine.range(series, 'rate(x_total[20s])', 0, 50_000, 1_000)).rejects.toThrow(
      'too many samples',
    )
  })
})
