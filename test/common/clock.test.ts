import { expect, test } from 'vitest'
import { systemClock } from '../../common/clock.ts'

test('a sleep that is longer than a timer can be is not over at once', async () => {
  const stop = new AbortController()
  const long = systemClock.sleep(2 ** 40, stop.signal).then(() => 'over')
  const first = await Promise.race([long, systemClock.sleep(20).then(() => 'asleep')])
  stop.abort()
  expect(first).toBe('asleep')
  expect(await long).toBe('over')
})
