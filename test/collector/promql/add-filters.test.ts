import { expect, test } from 'vitest'
import { addFilters } from '../../../collector/promql/add-filters.ts'

const cls = [{ name: 'cls', operator: '=', value: 'a' }] as const
const job = [{ name: 'job', operator: '=~', value: 'x|y' }] as const

test.each([
  ['up', 'up{cls="a"}'],
  ['{job="x"}', '{job="x",cls="a"}'],
  ['up{cls="b"}', 'up{cls="b",cls="a"}'],
  ['sum by (job) (rate(m[5m] offset 1h)) > 1', 'sum by (job) (rate(m{cls="a"}[5m] offset 1h)) > 1'],
  ['max_over_time((a + on (x) b)[1h:5m])', 'max_over_time((a{cls="a"} + on (x) b{cls="a"})[1h:5m])'],
  ['label_replace(-up, "a", "$1", "b", "up")', 'label_replace(-up{cls="a"}, "a", "$1", "b", "up")'],
  ['vector(1) + time()', 'vector(1) + time()'],
])('every selector of %s is narrowed', (text, expected) => {
  expect(addFilters(text, [cls])).toBe(expected)
})

test('several filters are alternatives', () => {
  expect(addFilters('rate(m{a="1"}[5m])', [cls, job])).toBe('rate(m{a="1",cls="a" or a="1",job=~"x|y"}[5m])')
})

test('info() is refused, because it reads series that no selector names', () => {
  expect(() => addFilters('1 + sum(info(up))', [cls])).toThrow(/^info\(\) is not available together with/)
  expect(addFilters('info(up)', [])).toBe('info(up)')
})

test('without filters the text stays as it is', () => {
  expect(addFilters('sum(  up )', [])).toBe('sum(  up )')
})

test('what does not parse is refused with its position in the text that was given', () => {
  expect(() => addFilters('sum(', [cls])).toThrow(/^1:5: parse error/)
})
