import { expect, test } from 'vitest'
import { sparkPath } from '../../../../../collector/web/board/views/sparkline.tsx'

test.each([
  [[0, 1, 2], 'M0.00 28.00L50.00 15.00L100.00 2.00'],
  [[0, null, 2], 'M0.00 28.00M100.00 2.00'],
  [[3, 3], 'M0.00 15.00L100.00 15.00'],
  [[1, Infinity, 2], 'M0.00 28.00M100.00 2.00'],
  [[-1e308, 1e308], 'M0.00 28.00L100.00 2.00'],
  [[1, null], ''],
])('%j as a line', (values, path) => {
  expect(sparkPath(values)).toBe(path)
})
