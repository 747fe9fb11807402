import { appendFileSync, existsSync, readFileSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { evidenceOf } from '../../../../agent/tuning/evidence/evidence-of.ts'
import { createHistory } from '../../../../agent/tuning/history/history.ts'
import type { HistoryOptions } from '../../../../agent/tuning/history/history.ts'
import type { Bucket } from '../../../../agent/tuning/observe/observation.ts'
import { createHeardLog } from '../../neighbours/probing.ts'
import { bucketAt, hourMs, minuteMs } from '../made-buckets.ts'

const system = '7300000000000000001'
const dayMinutes = 24 * 60

async function historyIn(options: Partial<HistoryOptions> = {}) {
  const directory = options.directory ?? join(await mkdtemp(join(tmpdir(), 'history-')), 'pg-test-1')
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const time = { nowMs: 0 }
  const log = createHeardLog()
  const history = createHistory({
    directory,
    keepDays: 31,
    clock: { now: () => time.nowMs },
    log,
    ...options,
  })
  /** As the loop does it. */
  const add = async (bucket: Bucket, of: string | null = system): Promise<void> => {
    time.nowMs = bucket.toMs
    await history.add(bucket, of)
  }
  return { directory, history, add, lines: log.heard, time }
}

/** A steady load: a byte a second, and a session more in every bucket. */
const steady = (endMinute: number): Bucket =>
  bucketAt(endMinute, {
    counters: { 'wal.bytes': endMinute * 60 },
    gauges: { 'activity.active': endMinute / 5 },
  })

test('what was added is read as it was, also by an agent that was started anew', async () => {
  const { directory, history, add } = await historyIn()
  const added = [steady(5), steady(10), bucketAt(15, { counters: { other: 1.5 } }, { inRecovery: true })]
  for (const bucket of added) await add(bucket)
  expect(await history.read(system, 0)).toEqual(added)
  const again = await historyIn({ directory })
  await again.add(steady(20))
  expect(await again.history.read(system, 0)).toEqual([...added, steady(20)])
  expect(again.history.hours()).toBeCloseTo(20 / 60)
})

test('only what ended since then is read', async () => {
  const { history, add } = await historyIn()
  for (const end of [5, 10, 15]) await add(steady(end))
  expect(await history.read(system, 10 * minuteMs)).toEqual([steady(10), steady(15)])
})

test('a line that a crash has torn costs itself alone', async () => {
  const { directory, add } = await historyIn()
  for (const end of [5, 10, 15]) await add(steady(end))
  const file = join(directory, readdirSync(directory)[0]!)
  truncateSync(file, statSync(file).size - 9)
  const again = await historyIn({ directory })
  await again.add(steady(20))
  expect(await again.history.read(system, 0)).toEqual([steady(5), steady(10), steady(20)])
})

test('what is no line of a history is passed over', async () => {
  const { directory, history, add } = await historyIn()
  await add(steady(5))
  const file = join(directory, readdirSync(directory)[0]!)
  appendFileSync(file, 'null\n[1,2]\n{"format":2}\n[1,2,3,0,[1],[null]]\n\u0000\u0000\n')
  expect(await history.read(system, 0)).toEqual([steady(5)])
})

test('the history of another server that was here before is another one', async () => {
  const { history, add } = await historyIn()
  await add(steady(5))
  await add(steady(10), '7300000000000000002')
  await add(steady(15))
  expect(await history.read(system, 0)).toEqual([steady(5), steady(15)])
  expect(await history.read('7300000000000000002', 0)).toEqual([steady(10)])
  expect(await history.read(null, 0)).toEqual([])
})

test('days that are older than two become hours, and no growth is lost by it', async () => {
  const { directory, history, add, time } = await historyIn()
  for (let end = 5; end <= 4 * dayMinutes; end += 5) await add(steady(end))
  time.nowMs = 4 * dayMinutes * minuteMs
  const buckets = await history.read(system, 0)
  const lengths = new Map<number, number>()
  for (const { fromMs, toMs } of buckets) {
    const minutes = (toMs - fromMs) / minuteMs
    lengths.set(minutes, (lengths.get(minutes) ?? 0) + 1)
  }
  expect(lengths.get(60)).toBeGreaterThan(20)
  const evidence = evidenceOf(buckets)!
  expect(evidence.increase('wal.bytes')).toBe((4 * dayMinutes - 5) * 60)
  expect(evidence.mean('activity.active')).toBeCloseTo((4 * 288 + 1) / 2)
  expect(evidence.hours).toBeCloseTo(96)
  expect(history.hours()).toBeCloseTo(96)
  const [oldest] = readdirSync(directory)
  expect(readFileSync(join(directory, oldest!), 'utf8').split('\n').length).toBeLessThan(40)
})

test('what is older than it is kept is dropped', async () => {
  const { directory, history, add } = await historyIn({ keepDays: 3 })
  for (let day = 0; day < 8; day++) await add(steady(day * dayMinutes + 60))
  expect(readdirSync(directory)).toEqual([5, 6, 7, 8].map((day) => `1970-01-0${day}.jsonl`))
  expect((await history.read(system, 0))[0]?.toMs).toBe((4 * 24 + 1) * hourMs)
})

test('an agent that starts again and again does not fill the disk', async () => {
  const { directory, history, add } = await historyIn()
  const counters = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`view.counter_${i}`, i]))
  for (let i = 0; i < 60; i++) {
    // Other numbers each time, so that they are named again.
    await add(bucketAt(5 + i, { counters: { ...counters, [`view.more_${i}`]: 1 } }))
  }
  const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
  expect(bytes).toBeLessThanOrEqual(4 << 20)
  expect(history.failures()).toBeGreaterThan(0)
})

test('while the disk is full the history goes on in memory, says so once, and is written when there is room', async () => {
  const disk = { isFull: false }
  const { directory, history, add, lines } = await historyIn({
    async append(path, text) {
      if (!disk.isFull) return appendFile(path, text)
      // Part of it still fits.
      await appendFile(path, text.slice(0, 40))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    },
  })
  await add(steady(5))
  disk.isFull = true
  await add(steady(10))
  await add(steady(15))
  expect(await history.read(system, 0)).toEqual([steady(5), steady(10), steady(15)])
  expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1)
  expect(history.failures()).toBe(2)
  disk.isFull = false
  await add(steady(20))
  const again = await historyIn({ directory })
  expect(await again.history.read(system, 0)).toEqual([5, 10, 15, 20].map(steady))
})

test('no more than half a day is kept in memory', async () => {
  const { history, add, directory } = await historyIn({
    append: () => Promise.reject(Object.assign(new Error('EROFS'), { code: 'EROFS' })),
  })
  for (let end = 5; end <= 20 * 60; end += 5) await add(steady(end))
  const kept = await history.read(system, 0)
  expect(kept).toHaveLength(144)
  expect(kept.at(-1)).toEqual(steady(20 * 60))
  expect(existsSync(directory) ? readdirSync(directory) : []).toEqual([])
})
