import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runUnitTests } from './run-unit-tests.ts'

test.each(globSync('rules/*.test.yaml').sort())('%s passes with our own evaluator, too', async (file) => {
  const outcomes = await runUnitTests(file)
  expect(outcomes.length).toBeGreaterThan(0)
  expect(outcomes.map(({ test: name, actual }) => ({ name, actual }))).toEqual(
    outcomes.map(({ test: name, expected }) => ({ name, actual: expected })),
  )
})
