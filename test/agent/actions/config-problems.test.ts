import { expect, test } from 'vitest'
import { configProblems } from '../../../agent/actions/patroni/config-problems.ts'

test.each([1, 30, 86_400, '30'])('a ttl of %s is one', (ttl) => {
  expect(configProblems({ ttl })).toEqual([])
})

test.each([99_999_999_999_999_999_999, 86_401, 0, 2.5, 'abc', '99999999999999999999'])(
  'a ttl of %s would leave the cluster without a leader, and is refused whatever is forced',
  (ttl) => {
    expect(() => configProblems({ ttl })).toThrow('a whole number from 1 to 86400')
  },
)
