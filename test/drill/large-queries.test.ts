import { expect, test } from 'vitest'
import { cpuMs, largeQueries, problemOf } from '../collector/promql/large-queries.ts'

/** Queries of a megabyte parse, or are refused, in time that grows with their length and not with its square. */
test.each(largeQueries(1_000_000))('a megabyte: %s', async (_, text, message) => {
  let problem = ''
  expect(await cpuMs(() => (problem = problemOf(text)))).toBeLessThan(10_000)
  expect(problem).toContain(message)
})
