import { expect, test } from 'vitest'
import { problemOfRounds } from '../../../agent/scrape/problem-of-rounds.ts'

const config = { 'scrape.interval': 10_000, 'scrape.timeout': 8_000 }

test('a scrape loop hangs when two intervals and a deadline have gone by without the end of a round', () => {
  expect(problemOfRounds(28_000, config)).toBeUndefined()
  expect(problemOfRounds(28_001, config)).toBe('a source was not measured for 28 s')
})
