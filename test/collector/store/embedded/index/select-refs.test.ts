import fc from 'fast-check'
import { expect, it } from 'vitest'
import { labelSet, labelValue } from '../../../../../common/series/label-set.ts'
import type { LabelSet } from '../../../../../common/series/label-set.ts'
import { matcherOperators } from '../../../../../common/series/matcher.ts'
import type { Matcher } from '../../../../../common/series/matcher.ts'
import { createRefSelector } from '../../../../../collector/store/embedded/index/select-refs.ts'
import {
  createSeriesTable,
  internLabels,
  labelsOf,
} from '../../../../../collector/store/embedded/index/series-table.ts'

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

it('selects the same series as testing every matcher on every series', () => {
  fc.assert(
    fc.property(
      fc.array(labels),
      fc.array(labels),
      fc.array(fc.array(matcher, { maxLength: 4 }), { maxLength: 6 }),
      (first, second, selectors) => {
        const table = createSeriesTable()
        const selector = createRefSelector(table)
        // In two steps, so that remembered matchers meet values that they have not seen yet.
        for (const part of [first, second]) {
          for (const set of part) internLabels(table, set)
          const all = Array.from({ length: table.count }, (_, ref) => ref)
          for (const matchers of selectors) {
            const wanted = all.filter((ref) => matchers.every((m) => holds(labelsOf(table, ref), m)))
            expect(Array.from(selector.select(matchers))).toEqual(wanted)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

it('answers correctly after more selectors than it remembers', () => {
  const table = createSeriesTable()
  const selector = createRefSelector(table)
  for (let i = 0; i < 300; i++) internLabels(table, ['__name__', 'm', 'n', `v${String(i)}`])
  for (const round of [1, 2]) {
    for (let i = 0; i < 300; i++) {
      const found = selector.select([{ name: 'n', operator: '=~', value: `v${String(i)}[a-c]?` }])
      expect([round, ...found]).toEqual([round, i])
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
