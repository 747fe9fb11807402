import { expect, test } from 'vitest'
import { BackupFailure } from '../../../../agent/backup/backup-failure.ts'
import { timeLimit } from '../../../../agent/backup/drill/time-limit.ts'
import { retry } from '../../../../agent/backup/runs/retry.ts'
import { systemClock } from '../../../../common/clock.ts'

/** How often work that always fails so is done. */
async function attemptsAt(failure: BackupFailure): Promise<number> {
  let attempts = 0
  const work = (): Promise<never> => {
    attempts++
    return Promise.reject(failure)
  }
  const policy = { attempts: 3, firstMs: 1, longestMs: 1 }
  const { signal } = new AbortController()
  const options = { policy, clock: systemClock, signal, untilMs: Infinity, failed: () => undefined }
  await expect(retry(work, options)).rejects.toBe(failure)
  return attempts
}

test('what may pass is tried again, as often as the policy says', async () => {
  expect(await attemptsAt(new BackupFailure('timed-out', 'the repository did not answer'))).toBe(3)
})

test('the time limit of a whole drill or restore is not tried again', async () => {
  using limit = timeLimit('the drill', 1, systemClock)
  await new Promise((resolve) => limit.signal.addEventListener('abort', resolve))
  const failure = limit.signal.reason as BackupFailure
  expect(failure).toMatchObject({ problem: 'timed-out' })
  expect(await attemptsAt(failure)).toBe(1)
})
