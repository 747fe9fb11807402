import { expect, test } from 'vitest'
import { createOpenBucket } from '../../../../agent/tuning/history/open-bucket.ts'
import type { Observation } from '../../../../agent/tuning/observe/observation.ts'

const look = (atMs: number, active: number, other: Partial<Observation> = {}): Observation => ({
  atMs,
  serverStartMs: 0,
  inRecovery: false,
  counters: new Map([['wal.bytes', atMs]]),
  gauges: new Map([['activity.active', active]]),
  ...other,
})

test('the first look is a bucket without time, which the next is compared with', () => {
  const open = createOpenBucket(60)
  const first = open.close(look(100, 3))
  expect([first.fromMs, first.toMs]).toEqual([100, 100])
  open.add(look(110, 4))
  const second = open.close(look(120, 8))
  expect([second.fromMs, second.toMs]).toEqual([100, 120])
  expect(second.counters.get('wal.bytes')).toBe(120)
  expect(second.gauges.get('activity.active')).toEqual({ count: 2, sum: 12, max: 8, last: 8 })
})

test.each([
  ['the server was started anew', { serverStartMs: 115 }, 120],
  ['it was promoted', { inRecovery: true }, 120],
  ['nobody looked for longer', {}, 190],
])('nothing is told of what came before %s', (_, other, atMs) => {
  const open = createOpenBucket(60)
  open.close(look(100, 3))
  open.add(look(110, 50))
  const bucket = open.close(look(atMs, 1, other))
  expect([bucket.fromMs, bucket.toMs]).toEqual([atMs, atMs])
  expect(bucket.gauges.get('activity.active')?.max).toBe(1)
})
