import { expect, test } from 'vitest'
import { printLimit } from '../../../agentctl/tune/change-sheet.ts'

const figure = { what: 'a figure', unit: 'per s', after: 31.1, isWorse: false }

test.each([
  [{ before: 100, limit: 80 }, '>= 80'],
  [{ before: 0, limit: 0 }, '>= 0'],
  [{ before: 0, limit: 0.1 }, '<= 0.1'],
  [{ before: 5, limit: 6 }, '<= 6'],
  [{ before: null, limit: null }, '-'],
])('what was $before and may be $limit is allowed $1', ({ before, limit }, text) => {
  expect(printLimit({ ...figure, before, limit })).toBe(text)
})
