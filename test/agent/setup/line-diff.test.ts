import { expect, test } from 'vitest'
import { lineDiff } from '../../../agent/setup/line-diff.ts'

test('shows what changes, with two lines around it', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const after = ['a', 'b', 'c', 'd', 'E', 'f', 'g', 'h', 'i']
  expect(lineDiff(before.join('\n'), after.join('\n'))).toEqual([
    ' c',
    ' d',
    '-e',
    '+E',
    ' f',
    ' g',
    ' h',
    '+i',
  ])
})

test('equal texts have no difference', () => {
  expect(lineDiff('a\nb', 'a\nb')).toEqual([])
})
