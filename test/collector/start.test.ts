import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nodeFlagsOf } from '../../testbed/pgherd.ts'

test.each(['collector/main.ts', 'collector/start.mjs'])(
  "the first line of %s gives Node the same flags as package.json's script",
  (file) => {
    const firstLine = readFileSync(file, 'utf8').split('\n', 1)[0] ?? ''
    expect(firstLine.split(' ').filter((word) => word.startsWith('--'))).toEqual(nodeFlagsOf('collector'))
    expect(nodeFlagsOf('collector').length).toBeGreaterThan(0)
  },
)
