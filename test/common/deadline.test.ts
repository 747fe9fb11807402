import { expect, test } from 'vitest'
import { late, withinDeadline } from '../../common/deadline.ts'
import { createManualClock, settled } from '../manual-clock.ts'

test('work that ends in time gives its result and leaves no timer behind', async () => {
  const clock = createManualClock()
  expect(await withinDeadline(Promise.resolve(7), 1000, clock)).toBe(7)
  expect(clock.sleepers).toBe(0)
})

test('work that fails in time fails, and leaves no timer behind', async () => {
  const clock = createManualClock()
  await expect(withinDeadline(Promise.reject(new Error('broken')), 1000, clock)).rejects.toThrow('broken')
  expect(clock.sleepers).toBe(0)
})

test('work that goes on is late at the deadline, and its later failure is nobody else’s', async () => {
  const clock = createManualClock()
  const work = Promise.withResolvers<number>()
  const outcome = withinDeadline(work.promise, 1000, clock)
  await clock.advance(1000)
  expect(await outcome).toBe(late)
  work.reject(new Error('too late to matter'))
  await settled()
})
