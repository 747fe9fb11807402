import { expect, test } from 'vitest'
import { isBadEvent } from '../../../../collector/web/parts/bad-events.ts'

test.each(['session-killed', 'server-down', 'failover-loss'] as const)(
  '%s stands out among events',
  (type) => {
    expect(isBadEvent({ type })).toBe(true)
  },
)

test.each(['session-reported', 'ddl', 'server-up'] as const)('%s does not', (type) => {
  expect(isBadEvent({ type })).toBe(false)
})
