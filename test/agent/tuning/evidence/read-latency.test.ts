import { expect, test } from 'vitest'
import { diskClassOf, readLatency } from '../../../../agent/tuning/evidence/read-latency.ts'
import { inputOf } from '../rules/made-up.ts'

const latencyOf = (counters: Readonly<Record<string, number>>) => readLatency(inputOf({ counters }).evidence)

test('single pages since 16 say how long a read takes, and before it whatever sessions read', () => {
  const of15 = { 'database.blks_read': 20_000, 'database.blk_read_time': 40_000 }
  expect(latencyOf(of15)).toMatchObject({ ms: 2, reads: 20_000 })
  expect(latencyOf({ ...of15, 'io.reads': 10_000, 'io.read_ms': 5_000 })).toMatchObject({
    ms: 0.5,
    reads: 10_000,
  })
})

test('fewer than 10000 reads, or reads that nobody has timed, say nothing', () => {
  expect(latencyOf({ 'database.blks_read': 9_999, 'database.blk_read_time': 40_000 })).toBeUndefined()
  expect(latencyOf({ 'database.blks_read': 20_000 })).toBeUndefined()
  const since16 = { 'io.reads': 9_999, 'io.read_ms': 5_000 }
  expect(
    latencyOf({ ...since16, 'database.blks_read': 20_000, 'database.blk_read_time': 40_000 }),
  ).toBeUndefined()
})

test.each([
  [0.099, undefined],
  [0.1, 'nvme'],
  [0.49, 'nvme'],
  [0.5, 'ssd'],
  [1.99, 'ssd'],
  [2, 'san'],
  [4.99, 'san'],
  [5, 'hdd'],
])('reads of %f ms are those of %s', (ms, seen) => {
  expect(diskClassOf(ms)).toBe(seen)
})
