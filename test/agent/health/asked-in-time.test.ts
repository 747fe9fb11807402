import { expect, test } from 'vitest'
import { askedInTime } from '../../../agent/health/asked-in-time.ts'
import { createManualClock } from '../../manual-clock.ts'

/** Answers that take so long each, in order. */
function slow(...tookMs: readonly number[]) {
  const clock = createManualClock()
  let asked = 0
  const ask = async (): Promise<number> => {
    await clock.advance(tookMs[asked++] ?? 0)
    return asked
  }
  return { clock, ask }
}

test('an answer within the deadline counts', async () => {
  const { clock, ask } = slow(1_000)
  expect(await askedInTime(ask, 1_000, clock)).toBe(1)
})

test('an answer that is read after the deadline is of the time before, and is asked for again', async () => {
  const { clock, ask } = slow(6_000, 5)
  expect(await askedInTime(ask, 1_000, clock)).toBe(2)
})

test('the second answer counts, so that who is slow is heard all the same', async () => {
  const { clock, ask } = slow(1_500, 1_500, 1_500)
  expect(await askedInTime(ask, 1_000, clock)).toBe(2)
})
