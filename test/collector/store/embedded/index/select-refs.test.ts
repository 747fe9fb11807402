import fc from 'fast-check'
import { expect, it } from 'vitest'
import { systemClock } from '../../../../../common/clock.ts'
import { labelSet, labelValue } from '../../../../../common/series/label-set.ts'
import type { LabelSet } from '../../../../../common/series/label-set.ts'
import { matcherOperators } from '../../../../../common/series/matcher.ts'
import type { Matcher } from '../../../../../common/series/matcher.ts'
import { createRefSelector } from '../../../../../collector/store/embedded/index/select-refs.ts'
import { labelsOf, storeSeries } from '../../../../../collector/store/embedded/index/series-columns.ts'
import { createSeriesIndex } from '../../../../../collector/store/embedded/index/series-index.ts'
import {
  createSeriesTable,
  internLabels,
} from '../../../../../collector/store/embedded/index/series-table.ts'
import { symbolOf } from '../../../../../collector/store/embedded/index/symbols.ts'
import { createPace } from '../../../../../collector/store/embedded/pace.ts'

function holds(labels: LabelSet, { name, operator, value }: Matcher): boolean {
  const actual = labelValue(labels, name)
  const equal = operator.includes('~') ? new RegExp(`^(?:${value})$`, 's').test(actual) : actual === value
  return operator.startsWith('!') ? !equal : equal
}

const value = fc.constantFrom('', 'a', 'b', 'ab', 'c')
const labels = fc
  .record({ __name__: value, x: value, y: value, z: value }, { requiredKeys: [] })
  .map((record) => labelSet(record as Record<string, string>))
const matcher = fc.record({
  name: fc.constantFrom('__name__', 'x', 'y', 'missing'),
  operator: fc.constantFrom(...matcherOperators),
  value: fc.constantFrom('', 'a', 'b', 'a|b', 'a.*', '.*b', '.+', '.*', '(a|c)', '[ac]', 'a?', 'nothing'),
})

const pace = createPace(systemClock)
const eager = { due: () => true, rest: () => Promise.resolve() }

it('selects the same series as testing every matcher on every series, in the head and in a block', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(labels),
      fc.array(labels),
      fc.array(fc.array(matcher, { maxLength: 4 }), { maxLength: 6 }),
      async (first, second, selectors) => {
        const table = createSeriesTable()
        const selector = createRefSelector()
        // In two steps, so that remembered matchers meet values that they have not seen yet.
        for (const part of [first, second]) {
          for (const set of part) internLabels(table, set)
          const block = createSeriesIndex()
          const all = Array.from({ length: table.count }, (_, ref) => ref)
          for (const ref of all) {
            const symbols = Uint32Array.from(labelsOf(table, ref), (text) => symbolOf(block.symbols, text))
            storeSeries(block, symbols, 0, symbols.length)
          }
          for (const matchers of selectors) {
            const wanted = all.filter((ref) => matchers.every((m) => holds(labelsOf(table, ref), m)))
            expect(Array.from(await selector.select(table, matchers, pace))).toEqual(wanted)
            expect(Array.from(await selector.select(block, matchers, eager))).toEqual(wanted)
          }
        }
      },
    ),
    { numRuns: 200 },
  )
})

it('selects series that were there when it began, though others come while it takes turns', async () => {
  const table = createSeriesTable()
  const add = (i: number): number => internLabels(table, ['__name__', `m${String(i % 5)}`, 'n', String(i)])
  for (let i = 0; i < 6000; i++) add(i)
  const growing = { due: () => true, rest: () => Promise.resolve(void add(table.count)) }
  const selectors: [Matcher, number][] = [
    [{ name: '__name__', operator: '=~', value: 'm[0-3]' }, 4800],
    [{ name: '__name__', operator: '=', value: 'm1' }, 1200],
    [{ name: 'n', operator: '=~', value: '.*7' }, 600],
    [{ name: 'n', operator: '!=', value: '7' }, 5999],
  ]
  for (const [matcher, expected] of selectors) {
    const before = table.count
    const found = await createRefSelector().select(table, [matcher], growing)
    expect(found.filter((ref) => ref < 6000)).toHaveLength(expected)
    expect(found.every((ref, i) => ref < before && (i === 0 || ref > found[i - 1]!))).toBe(true)
  }
})

it('answers correctly after more selectors than it remembers', async () => {
  const table = createSeriesTable()
  const selector = createRefSelector()
  for (let i = 0; i < 300; i++) internLabels(table, ['__name__', 'm', 'n', `v${String(i)}`])
  for (const round of [1, 2]) {
    for (let i = 0; i < 300; i++) {
      const matchers: Matcher[] = [{ name: 'n', operator: '=~', value: `v${String(i)}[a-c]?` }]
      expect([round, ...(await selector.select(table, matchers, pace))]).toEqual([round, i])
    }
  }
})

it('equal label sets get one ref, others different ones, also among many', () => {
  const table = createSeriesTable()
  const name = (i: number): LabelSet => ['__name__', `m${String(i % 100)}`, 'n', String(i)]
  const refs = Array.from({ length: 20_000 }, (_, i) => internLabels(table, name(i)))
  expect(new Set(refs).size).toBe(20_000)
  expect(refs.every((ref, i) => internLabels(table, [...name(i)]) === ref)).toBe(true)
  expect(labelsOf(table, refs[12_345]!)).toEqual(name(12_345))
})
