import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  compareLabelSets,
  labelKey,
  labelRecord,
  labelSet,
  labelValue,
} from '../../../common/series/label-set.ts'
import { isStaleAt, setStale, staleBits } from '../../../common/series/stale.ts'

test('labels are sorted by name and empty values are absent', () => {
  expect(labelSet({ ins: 'a-1', __name__: 'up', datname: '' })).toEqual(['__name__', 'up', 'ins', 'a-1'])
})

test('label sets of the same labels in any order have one key, others another', () => {
  const label = fc.tuple(fc.stringMatching(/^[a-z_]{1,4}$/), fc.stringMatching(/^[a-z]{1,3}$/))
  fc.assert(
    fc.property(fc.array(label), fc.array(label), (one, other) => {
      const a = Object.fromEntries(one)
      const b = Object.fromEntries(other)
      const same = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())
      expect(labelKey(labelSet(a)) === labelKey(labelSet(b))).toBe(same)
      expect(compareLabelSets(labelSet(a), labelSet(b)) === 0).toBe(same)
    }),
  )
})

test('a label named __proto__ is a label like any other', () => {
  const labels = labelSet(JSON.parse('{"__proto__": "x", "a": "y"}') as Record<string, string>)
  expect(labels).toEqual(['__proto__', 'x', 'a', 'y'])
  expect(Object.keys(labelRecord(labels))).toEqual(['__proto__', 'a'])
})

test('an absent label has the empty value', () => {
  expect(labelValue(['a', 'x'], 'a')).toBe('x')
  expect(labelValue(['a', 'x'], 'x')).toBe('')
})

test('a stale marker is told from an ordinary NaN by its bits and survives copies of the array', () => {
  const values = Float64Array.of(1, Number.NaN, 0)
  setStale(values, 2)
  const copy = values.slice()
  expect([0, 1, 2].map((index) => isStaleAt(copy, index))).toEqual([false, false, true])
  expect(new BigUint64Array(copy.buffer)[2]).toBe(staleBits)
})
