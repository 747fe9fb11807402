import { expect, test } from 'vitest'
import { createProgress, parseProgress } from '../../../../agent/backup/engine/progress.ts'

test.each([
  [
    'P01 DETAIL: backup file /pg/base/5/16396 (128MB, 74.52%) checksum bb40b264525859b387e65617210ba30c3f19f128',
    { bytes: 128 * 1024 ** 2, percent: 74.52 },
  ],
  ['P02 DETAIL: backup file /pg/base/1/3350 (0B, 100.00%)', { bytes: 0, percent: 100 }],
  [
    'P01 DETAIL: restore file /pg/base/1/1255 (bundle 1/24576, 8.3KB, 12.34%)',
    { bytes: 8.3 * 1024, percent: 12.34 },
  ],
  ['P00   INFO: new backup label = 20261127-093613F', undefined],
])('%s', (line, progress) => {
  expect(parseProgress(line)).toEqual(progress)
})

test('progress is told twice a second at most, with the rate of the last ten seconds', () => {
  let nowMs = 0
  const clock = { now: () => nowMs, monotonic: () => nowMs, sleep: () => Promise.resolve() }
  const told: unknown[] = []
  const take = createProgress(clock, 'full backup', (...progress) => told.push(progress))
  const file = (percent: string): void => take(`P01 DETAIL: backup file /pg/1 (10MB, ${percent}%) checksum 0`)
  for (nowMs = 0; nowMs < 3_000; nowMs += 250) file((nowMs / 250).toFixed(2))
  nowMs = 20_000
  file('50.00')
  expect(told).toHaveLength(7)
  expect(told.at(0)).toEqual([0, 'full backup', null])
  expect(told.at(5)).toEqual([10, 'full backup', Math.round((11 * 10 * 1024 ** 2 * 1000) / 2_500)])
  expect((told.at(6) as unknown[])[2]).toBeLessThan(2 * 1024 ** 2)
})
