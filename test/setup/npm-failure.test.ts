import { expect, test } from 'vitest'
import { explainNpm } from '../../setup/npm-failure.mjs'

test('a registry that cannot be reached is one sentence', () => {
  const output = `npm error code ECONNREFUSED
npm error syscall connect
npm error FetchError: request to http://127.0.0.1:9/zod failed, reason: connect ECONNREFUSED 127.0.0.1:9
npm error     at ClientRequest.<anonymous> (/usr/lib/node_modules/npm/index.js:130:14)`
  expect(explainNpm(output)).toMatch(/^npm cannot reach its registry \(ECONNREFUSED\); [^\n]+$/)
})

test("any other failure is npm's own words without traces and log files", () => {
  const output = `npm error code ENOSPC
npm error nospc There appears to be insufficient space on your system to finish.
npm error     at async Arborist.reify (/usr/lib/node_modules/npm/index.js:1:1)
npm error A complete log of this run can be found in: /root/.npm/_logs/1.log`
  expect(explainNpm(output)).toBe(
    'npm says:\ncode ENOSPC\nnospc There appears to be insufficient space on your system to finish.',
  )
})
