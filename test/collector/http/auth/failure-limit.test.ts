import { expect, test } from 'vitest'
import { createFailureLimit } from '../../../../collector/http/auth/failure-limit.ts'
import { handClock } from '../../fleet/trust-lab.ts'

/** How often an address may fail at once. */
function failuresOf(limit: ReturnType<typeof createFailureLimit>, address: string): number {
  let count = 0
  while (count < 100 && limit.note(address)) count++
  return count
}

test('an address has twenty failures at once and ten more each minute, whatever the wall clock does', () => {
  const clock = handClock()
  const limit = createFailureLimit(clock)
  expect(failuresOf(limit, '10.0.0.1')).toBe(20)
  clock.step(86_400_000)
  expect(failuresOf(limit, '10.0.0.1')).toBe(0)
  clock.advance(60_000)
  expect(failuresOf(limit, '10.0.0.1')).toBe(10)
})

test('addresses do not count for each other, but those of one IPv6 network do', () => {
  const limit = createFailureLimit(handClock())
  expect(failuresOf(limit, '10.0.0.1')).toBe(20)
  expect(failuresOf(limit, '10.0.0.2')).toBe(20)
  expect(failuresOf(limit, '::ffff:10.0.0.2')).toBe(0)
  expect(failuresOf(limit, '2001:db8:1:2::1')).toBe(20)
  expect(failuresOf(limit, '2001:db8:1:2:ffff::9')).toBe(0)
  expect(failuresOf(limit, '2001:db8:1:3::1')).toBe(20)
})

test('the table of addresses is bounded', () => {
  const limit = createFailureLimit(handClock())
  for (let i = 0; i < 20_000; i++) limit.note(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
  expect(limit.addresses).toBe(10_000)
})
