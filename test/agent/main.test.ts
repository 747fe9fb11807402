import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nodeFlagsOf } from '../../testbed/pgherd.ts'

test("the first line of the agent gives Node the same flags as package.json's script", () => {
  const firstLine = readFileSync('agent/main.ts', 'utf8').split('\n', 1)[0] ?? ''
  expect(firstLine.split(' ').filter((word) => word.startsWith('--'))).toEqual(nodeFlagsOf('agent'))
  expect(nodeFlagsOf('agent').length).toBeGreaterThan(0)
})
