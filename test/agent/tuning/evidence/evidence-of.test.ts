import { expect, test } from 'vitest'
import { evidenceOf, evidenceOfLooks } from '../../../../agent/tuning/evidence/evidence-of.ts'
import type { Bucket } from '../../../../agent/tuning/observe/observation.ts'
import { bucketAt, bucketsOf, hourMs, minuteMs } from '../made-buckets.ts'

const of = (buckets: readonly Bucket[]) => evidenceOf(buckets)!

test('without a bucket there is no evidence', () => {
  expect(evidenceOf([])).toBeUndefined()
})

test('a counter grew by the difference of the ends of buckets', () => {
  const evidence = of(bucketsOf('wal.bytes', [100, 400, 1000]))
  expect(evidence.increase('wal.bytes')).toBe(900)
  expect(evidence.perSecond('wal.bytes')).toBe(900 / 600)
})

test('what was never seen, or once only, is not known', () => {
  const evidence = of(bucketsOf('wal.bytes', [100]))
  expect(evidence.increase('wal.bytes')).toBeUndefined()
  expect(evidence.perSecond('wal.bytes')).toBeUndefined()
  expect(evidence.peakPerSecond('wal.bytes')).toBeUndefined()
  expect(evidence.increase('wal.records')).toBeUndefined()
  expect(evidence.mean('activity.active')).toBeUndefined()
  expect(evidence.last('activity.active')).toBeUndefined()
})

test('a bucket in which a counter was reset is left out, with its time', () => {
  const evidence = of(bucketsOf('wal.bytes', [100, 400, 50, 350]))
  expect(evidence.increase('wal.bytes')).toBe(600)
  expect(evidence.perSecond('wal.bytes')).toBe(600 / 600)
})

test('a bucket in which the server was started anew is left out, also when the counter is larger behind it', () => {
  const [first, second] = bucketsOf('wal.bytes', [100, 400])
  const restarted = { serverStartMs: 11 * minuteMs }
  const evidence = of([
    first!,
    second!,
    bucketAt(15, { counters: { 'wal.bytes': 9_000 } }, restarted),
    bucketAt(20, { counters: { 'wal.bytes': 9_030 } }, restarted),
  ])
  expect(evidence.increase('wal.bytes')).toBe(330)
  expect(evidence.hoursSinceStart).toBeCloseTo(9 / 60)
})

test('an hour in which nobody looked is left out, and what a restart of the agent takes is not', () => {
  const counters = (value: number) => ({ counters: { 'wal.bytes': value } })
  const evidence = of([bucketAt(5, counters(0)), bucketAt(12, counters(70)), bucketAt(72, counters(5_000))])
  expect(evidence.increase('wal.bytes')).toBe(70)
  expect(evidence.perSecond('wal.bytes')).toBe(70 / (7 * 60))
  expect(evidence.hours).toBeCloseTo(15 / 60)
})

test('the peak is what 95 percent of the time stays at or below', () => {
  const rates = Array.from({ length: 100 }, (_, i) => i + 1)
  const ends = rates.reduce<number[]>((all, rate) => [...all, all.at(-1)! + rate * 300], [0])
  expect(of(bucketsOf('wal.bytes', ends)).peakPerSecond('wal.bytes')).toBe(95)
})

test('an hour weighs as much as its buckets did', () => {
  const hour = bucketAt(65, { counters: { 'wal.bytes': 3_600 } }, { fromMs: 5 * minuteMs })
  const evidence = of([
    bucketAt(5, { counters: { 'wal.bytes': 0 } }),
    hour,
    bucketAt(70, { counters: { 'wal.bytes': 3_600 + 300 * 50 } }),
  ])
  // One bucket of thirteen is more than five percent.
  expect(evidence.peakPerSecond('wal.bytes')).toBe(50)
  const longer = of([
    bucketAt(5, { counters: { 'wal.bytes': 0 } }),
    { ...hour, toMs: 5 * minuteMs + 2 * hourMs, counters: new Map([['wal.bytes', 7_200]]) },
    bucketAt(130, { counters: { 'wal.bytes': 7_200 + 300 * 50 } }),
  ])
  expect(longer.peakPerSecond('wal.bytes')).toBe(1)
})

test('a gauge is told by its samples', () => {
  const evidence = of([
    bucketAt(5, { gauges: { 'activity.active': { count: 20, sum: 40, max: 9, last: 1 } } }),
    bucketAt(10, { gauges: { 'activity.active': { count: 10, sum: 50, max: 7, last: 5 } } }),
    bucketAt(15),
  ])
  expect(evidence.mean('activity.active')).toBe(3)
  expect(evidence.max('activity.active')).toBe(9)
  expect(evidence.last('activity.active')).toBe(5)
})

test('the usual maximum leaves out one bucket in a hundred and fifty', () => {
  const buckets = Array.from({ length: 150 }, (_, i) =>
    bucketAt(5 * (i + 1), { gauges: { 'activity.active': i === 70 ? 500 : 20 } }),
  )
  expect(of(buckets).usualMax('activity.active')).toBe(20)
  expect(of(buckets).max('activity.active')).toBe(500)
})

test('single looks are evidence too, in which the first is what the others are compared with', () => {
  const look = (atMs: number, value: number) => ({
    atMs,
    serverStartMs: -hourMs,
    inRecovery: true,
    counters: new Map([['recovery.bytes', value]]),
    gauges: new Map([['activity.active', value]]),
  })
  const evidence = evidenceOfLooks([look(0, 1), look(2_000, 5), look(4_000, 9)])!
  expect(evidence).toMatchObject({ fromMs: 0, toMs: 4_000, inRecovery: true, hours: 4 / 3600 })
  expect(evidence.perSecond('recovery.bytes')).toBe(2)
  expect(evidence.mean('activity.active')).toBe(5)
})
