import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEngine } from '../../../../collector/promql/engine.ts'
import { createSamplePool } from '../../../../collector/promql/evaluate/sample-pool.ts'
import type { Queryable } from '../../../../collector/promql/queryable.ts'
import type { SampleMemory } from '../../../../common/series/samples.ts'
import { promqlText } from '../expression-arbitrary.ts'
import { loadSeries } from '../load-series.ts'

const series = loadSeries(
  10_000,
  'm{job="x", a="1"} 1 2 3 4 NaN 6 7 2 9 10',
  'm{job="y", a="2"} 1 1 stale 5 6 7 8 9',
  'up{job="x"} 1 1 1 0 1 1 1',
  'hits_total{job="x", le="1"} 1 4 9 2 5 8',
  'hits_total{job="x", le="+Inf"} 3 6 12 4 9 20',
)

/** Answers in borrowed memory; `spoil` overwrites all of it, as the next query may. */
function borrowing(queryable: Queryable): Queryable & { spoil(): void } {
  const borrowed: Float64Array[] = []
  const inMemory = (memory: SampleMemory, array: Float64Array): Float64Array => {
    const copy = memory.take(array.length)
    copy.set(array)
    borrowed.push(copy)
    return copy
  }
  return {
    async select(matchers, fromMs, toMs, limits) {
      const found = await queryable.select(matchers, fromMs, toMs)
      return found.map(({ labels, timestamps, values }) => ({
        labels,
        timestamps: inMemory(limits!.memory!, timestamps),
        values: inMemory(limits!.memory!, values),
      }))
    },
    spoil() {
      for (const array of borrowed) array.fill(-12_345)
      borrowed.length = 0
    },
  }
}

async function expectNothingBorrowedInAnswer(text: string): Promise<void> {
  for (const evaluate of ['instant', 'range'] as const) {
    const ask = async (queryable: Queryable): Promise<unknown> => {
      const engine = createEngine({ random: () => 0.5 })
      try {
        if (evaluate === 'instant') return await engine.instant(queryable, text, 50_000)
        return await engine.range(queryable, text, 0, 90_000, 7_000)
      } catch (error) {
        return String(error)
      }
    }
    const lender = borrowing(series)
    const answer = await ask(lender)
    lender.spoil()
    expect(answer).toEqual(await ask(series))
  }
}

describe('samples of a query', () => {
  const texts = [
    'm',
    'm[30s]',
    'm[30s] offset 10s',
    'hits_total[1m:10s]',
    'sum(rate(hits_total[30s]))',
    'rate(hits_total[30s])',
    'last_over_time(m[30s])',
    'first_over_time(m[30s])',
    'timestamp(m)',
    'scalar(up)',
    'm @ end()',
    'm or up',
    'label_replace(m, "b", "$1", "a", "(.*)")',
    'sort_desc(m)',
    'topk(1, m)',
    'histogram_quantile(0.9, hits_total)',
    'm default 1',
  ]
  it.each(texts)('are in no answer of %s', expectNothingBorrowedInAnswer)

  it('are in no answer of any query', async () => {
    await fc.assert(fc.asyncProperty(promqlText, expectNothingBorrowedInAnswer), { numRuns: 300 })
  })

  it('are in memory that the next query gets', async () => {
    const engine = createEngine()
    const taken = new Set<Float64Array>()
    const watching: Queryable = {
      select(_matchers, _fromMs, _toMs, limits) {
        taken.add(limits!.memory!.take(1000))
        return Promise.resolve([])
      },
    }
    for (let i = 0; i < 3; i++) await engine.instant(watching, 'm', 0)
    expect(taken.size).toBe(1)
  })

  it('stay away from other queries when theirs fails, for a selection may go on', async () => {
    const engine = createEngine()
    const taken = new Set<Float64Array>()
    const failing: Queryable = {
      select(_matchers, _fromMs, _toMs, limits) {
        taken.add(limits!.memory!.take(1000))
        return Promise.reject(new Error('no'))
      },
    }
    for (let i = 0; i < 3; i++) await expect(engine.instant(failing, 'm', 0)).rejects.toThrow('no')
    expect(taken.size).toBe(3)
  })
})

describe('the pool', () => {
  it('lends an array to one query at a time', () => {
    const pool = createSamplePool()
    const [first, second] = [pool.open(), pool.open()]
    expect(first.take(10)).not.toBe(second.take(10))
    first.giveBack()
    second.giveBack()
    const [third, fourth] = [pool.open(), pool.open()]
    expect(third.take(10)).not.toBe(fourth.take(10))
  })

  it('keeps 8 MiB', () => {
    const pool = createSamplePool()
    const length = 1 << 16
    const many = pool.open()
    const lent = new Set(Array.from({ length: 40 }, () => many.take(length)))
    many.giveBack()
    const again = pool.open()
    const kept = Array.from({ length: 40 }, () => again.take(length)).filter((array) => lent.has(array))
    expect(kept).toHaveLength(16)
  })

  it('gives nothing back twice', () => {
    const pool = createSamplePool()
    const query = pool.open()
    query.take(10)
    query.giveBack()
    query.giveBack()
    const next = pool.open()
    expect(next.take(10)).not.toBe(next.take(10))
  })
})
