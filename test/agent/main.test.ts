import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { environmentOf, nodeFlagsOf } from '../../testbed/pgherd.ts'

test.each(['agent/main.ts', 'agent/start.mjs'])(
  "the first line of %s gives Node the same flags and environment as package.json's script",
  (file) => {
    const words = (readFileSync(file, 'utf8').split('\n', 1)[0] ?? '').split(' ')
    expect(words.slice(words.indexOf('node') + 1)).toEqual(nodeFlagsOf('agent'))
    const environment = Object.entries(environmentOf('agent')).map(([name, value]) => `${name}=${value}`)
    expect(words.slice(words.indexOf('-S') + 1, words.indexOf('node'))).toEqual(environment)
    expect(nodeFlagsOf('agent').length).toBeGreaterThan(0)
    expect(environment.length).toBeGreaterThan(0)
  },
)
