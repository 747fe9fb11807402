import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../../common/log.ts'
import { isStaleAt, setStale } from '../../../../common/series/stale.ts'
import { openEmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  everything,
  hour,
  metric,
  minute,
  named,
  openTestStore,
  readOne,
  windowStart,
} from './test-store.ts'
import type { Sample } from './test-store.ts'

describe('a series that spans a sealed block and the head', () => {
  it('is returned without a gap or a repetition at the seam, before and after a reopen', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    const written: [number, number][] = []
    {
      await using store = await openTestStore(directory.path, clock)
      for (; clock.nowMs < windowStart + 5 * hour; clock.nowMs += 30_000) {
        await appendSamples(store, [[metric('up'), clock.nowMs, written.length]])
        written.push([clock.nowMs, written.length])
      }
      await store.maintain()
      expect(store.stats()).toMatchObject({ blocks: 2, headSeries: 1, headSamples: 120, blockSamples: 480 })
      expect(await readOne(store, named('up'))).toEqual(written)
      const around = windowStart + 4 * hour
      const expected = written.filter(([time]) => time >= around - 30_000 && time <= around + 30_000)
      expect(await readOne(store, named('up'), around - 30_000, around + 30_000)).toEqual(expected)
    }
    await using store = await openTestStore(directory.path, clock)
    expect(await readOne(store, named('up'))).toEqual(written)
    expect(store.stats()).toMatchObject({ blocks: 2, headSamples: 120, corruptions: 0 })
  })

  it('stays complete for a query that runs while the window is sealed and written to', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart + hour)
    await using store = await openTestStore(directory.path, clock)
    const series = Array.from({ length: 500 }, (_, i) => metric('m', { i: String(i) }))
    for (let minutes = 0; minutes < 60; minutes++) {
      await appendSamples(
        store,
        series.map((labels): Sample => [labels, windowStart + minutes * minute, minutes]),
      )
    }
    clock.nowMs = windowStart + 3 * hour
    const sealing = store.maintain()
    const counts: number[] = []
    for (let late = 0; late < 10; late++) {
      await appendSamples(store, [[metric('late'), windowStart + late, late]])
      const found = await store.select(named('m'), windowStart, clock.nowMs)
      counts.push(found.reduce((sum, { timestamps }) => sum + timestamps.length, 0))
    }
    await sealing
    expect(new Set(counts)).toEqual(new Set([500 * 60]))
    expect(await readOne(store, named('late'))).toHaveLength(10)
  })
})

describe('late samples', () => {
  it('for a sealed window become a further block, and override it at equal times', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(store, [
      [metric('up'), windowStart, 1],
      [metric('up'), windowStart + 2000, 2],
    ])
    clock.nowMs += 3 * hour
    await store.maintain()
    await appendSamples(store, [
      [metric('up'), windowStart + 1000, 10],
      [metric('up'), windowStart + 2000, 20],
    ])
    const expected = [
      [windowStart, 1],
      [windowStart + 1000, 10],
      [windowStart + 2000, 20],
    ]
    expect(await readOne(store, named('up'))).toEqual(expected)
    await store.maintain()
    expect(store.stats().blocks).toBe(1)
    clock.nowMs += hour
    await store.maintain()
    expect(store.stats()).toMatchObject({ blocks: 2, headSamples: 0, logBytes: 0 })
    expect(await readOne(store, named('up'))).toEqual(expected)
  })

  it('in too many windows at once are sealed early to bound the memory', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart + 100 * hour)
    await using store = await openTestStore(directory.path, clock, { maxLateBytes: 250_000 })
    for (let window = 0; window < 40; window++) {
      await appendSamples(store, [[metric('old'), windowStart + window * 2 * hour, window]])
    }
    expect(store.stats().blocks).toBeGreaterThan(20)
    expect(await readOne(store, named('old'))).toHaveLength(40)
  })
})

describe('append', () => {
  it('says what it did with each sample', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart + hour)
    await using store = await openTestStore(directory.path, clock, { retentionMs: 24 * hour })
    const samples: Sample[] = [
      [metric('a'), clock.nowMs, 1],
      [metric('a'), clock.nowMs, 1],
      [metric('a'), clock.nowMs, 2],
      [metric('a'), clock.nowMs - 24 * hour, 3],
      [metric('a'), clock.nowMs - 24 * hour - 1, 3],
      [metric('a'), clock.nowMs + 10 * minute, 4],
      [metric('a'), clock.nowMs + 10 * minute + 1, 4],
      [metric('a'), NaN, 5],
      [metric('a'), Infinity, 5],
      [metric('a'), -1, 5],
    ]
    expect(await appendSamples(store, samples)).toEqual({ stored: 4, duplicate: 1, outOfBounds: 5 })
    expect(store.stats()).toMatchObject({
      appendedSamples: 4,
      duplicateSamples: 1,
      outOfBoundsSamples: 5,
      headSamples: 3,
      minTimeMs: clock.nowMs - 24 * hour,
      maxTimeMs: clock.nowMs + 10 * minute,
    })
    expect((await readOne(store, named('a'))).map(([, value]) => value)).toEqual([3, 2, 4])
  })

  it('is done with the arrays of its caller when it resolves', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    const refs = Uint32Array.of(store.seriesRef(metric('a')))
    const times = Float64Array.of(windowStart)
    const values = Float64Array.of(1)
    await store.append(refs, times, values, 1, store.refGeneration)
    times[0] = windowStart + 1
    values[0] = 2
    await store.append(refs, times, values, 1, store.refGeneration)
    expect(await readOne(store, named('a'))).toEqual([
      [windowStart, 1],
      [windowStart + 1, 2],
    ])
  })

  it('keeps a stale marker through the log, the head and a block', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    const values = Float64Array.of(1, 0, 3)
    setStale(values, 1)
    const check = async (store: Awaited<ReturnType<typeof openTestStore>>): Promise<void> => {
      const [series] = await store.select(named('a'), 0, Infinity)
      expect([0, 1, 2].map((i) => isStaleAt(series!.values, i))).toEqual([false, true, false])
    }
    {
      await using store = await openTestStore(directory.path, clock)
      const ref = store.seriesRef(metric('a'))
      const times = Float64Array.of(windowStart, windowStart + 1, windowStart + 2)
      await store.append(Uint32Array.of(ref, ref, ref), times, values, 3, store.refGeneration)
      await check(store)
    }
    await using store = await openTestStore(directory.path, clock)
    await check(store)
    clock.nowMs += 3 * hour
    await store.maintain()
    expect(store.stats()).toMatchObject({ blocks: 1, headSamples: 0 })
    await check(store)
  })

  it('refuses a ref that it never gave out, and anything after it was closed', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    const store = await openTestStore(directory.path, clock)
    const append = (ref: number): Promise<unknown> =>
      store.append(
        Uint32Array.of(ref),
        Float64Array.of(windowStart),
        Float64Array.of(1),
        1,
        store.refGeneration,
      )
    const ref = store.seriesRef(metric('a'))
    await expect(append(ref)).resolves.toMatchObject({ stored: 1 })
    await expect(append(ref + 1)).rejects.toMatchObject({ code: 'INTERNAL' })
    await store[Symbol.asyncDispose]()
    await expect(append(ref)).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('refuses a series whose labels would not fit a log record', async () => {
    await using directory = await createTemporaryDirectory()
    await using store = await openTestStore(directory.path, createManualClock(windowStart))
    const huge = metric('a', { x: 'y'.repeat(2 ** 20) })
    expect(() => store.seriesRef(huge)).toThrow(expect.objectContaining({ code: 'BAD_DATA' }))
  })
})

describe('select', () => {
  it('refuses more series or samples than its limits, and stops when it is cancelled', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    const samples = [0, 1, 2].map((i): Sample => [metric('m', { i: String(i) }), windowStart, i])
    await appendSamples(store, samples)
    const select = (limits: object): Promise<unknown> => store.select(everything, 0, windowStart, limits)
    await expect(select({ maxSeries: 3, maxSamples: 3 })).resolves.toHaveLength(3)
    await expect(select({ maxSeries: 2 })).rejects.toMatchObject({ code: 'QUERY_LIMIT' })
    await expect(select({ maxSamples: 2 })).rejects.toMatchObject({ code: 'QUERY_LIMIT' })
    await expect(select({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('asks before it takes memory for samples, and ends with what refuses it', async () => {
    await using directory = await createTemporaryDirectory()
    await using store = await openTestStore(directory.path, createManualClock(windowStart))
    await appendSamples(store, [[metric('m'), windowStart, 1]])
    const asked: number[] = []
    await store.select(everything, 0, windowStart, { reserve: (bytes) => void asked.push(bytes) })
    expect(asked).toEqual([16])
    const refusal = new Error('no more')
    const refuse = (): never => {
      throw refusal
    }
    await expect(store.select(everything, 0, windowStart, { reserve: refuse })).rejects.toBe(refusal)
  })

  it('includes both ends of the range', async () => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart)
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(
      store,
      [0, 1, 2, 3].map((i): Sample => [metric('m'), windowStart + i, i]),
    )
    const expected = [
      [windowStart + 1, 1],
      [windowStart + 2, 2],
    ]
    expect(await readOne(store, named('m'), windowStart + 1, windowStart + 2)).toEqual(expected)
    expect(await readOne(store, named('m'), windowStart + 0.5, windowStart + 2.5)).toEqual(expected)
    clock.nowMs += 3 * hour
    await store.maintain()
    expect(await readOne(store, named('m'), windowStart + 1, windowStart + 2)).toEqual(expected)
  })
})

it('series, label names and label values follow selectors and time, in the head and in blocks', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  {
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(store, [
      [metric('old', { a: '1' }), windowStart, 1],
      [metric('both', { b: '2' }), windowStart, 1],
    ])
    clock.nowMs += 4 * hour
    await store.maintain()
  }
  // Reopened: the series of the block are known only once its index has been read.
  await using store = await openTestStore(directory.path, clock)
  await appendSamples(store, [
    [metric('new', { c: '3' }), clock.nowMs, 1],
    [metric('both', { b: '2' }), clock.nowMs, 1],
  ])
  const recent = clock.nowMs - minute
  expect(await store.labelValues('__name__', [], 0, clock.nowMs)).toEqual(['both', 'new', 'old'])
  expect(await store.labelValues('__name__', [], recent, clock.nowMs)).toEqual(['both', 'new'])
  expect(await store.labelValues('nothing', [], 0, clock.nowMs)).toEqual([])
  expect(await store.labelNames([], 0, recent)).toEqual(['__name__', 'a', 'b'])
  expect(await store.labelNames([named('new'), named('old')], 0, clock.nowMs)).toEqual(['__name__', 'a', 'c'])
  expect(await store.series([named('both'), everything], recent, clock.nowMs)).toHaveLength(2)
  expect(await store.series([named('old')], 0, clock.nowMs)).toEqual([['__name__', 'old', 'a', '1']])
})

it('browsing stops when it is cancelled, also half way, and at its limit of series', async () => {
  await using directory = await createTemporaryDirectory()
  let ticks = 0
  // Whenever it is looked at, the turn is over.
  const clock = { ...createManualClock(windowStart), monotonic: () => (ticks += 1000) }
  await using store = await openTestStore(directory.path, clock)
  const samples = Array.from({ length: 2000 }, (_, i): Sample => [
    metric('m', { i: String(i) }),
    windowStart,
    i,
  ])
  await appendSamples(store, samples)
  const questions = [
    (limits: object) => store.series([], 0, windowStart, limits),
    (limits: object) => store.labelNames([named('m')], 0, windowStart, limits),
    (limits: object) => store.labelValues('i', [], 0, windowStart, limits),
  ]
  for (const ask of questions) {
    await expect(ask({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
    const stop = new AbortController()
    const answer = ask({ signal: stop.signal })
    stop.abort()
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
  }
  await expect(store.series([], 0, windowStart, { maxSeries: 9 })).rejects.toMatchObject({
    code: 'QUERY_LIMIT',
  })
  await expect(store.series([], 0, windowStart, { maxSeries: 2000 })).resolves.toHaveLength(2000)
})

it('a window of no sensible length is refused', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  for (const windowMs of [0, 999, 1500.5, 2 ** 32]) {
    await expect(openTestStore(directory.path, clock, { windowMs })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  }
})

it('logs of another window length are read, sealed and merged', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart + hour)
  {
    await using store = await openTestStore(directory.path, clock)
    await appendSamples(store, [[metric('a'), windowStart + hour, 1]])
  }
  await using store = await openTestStore(directory.path, clock, { windowMs: hour })
  await appendSamples(store, [
    [metric('a'), windowStart + 10, 0],
    [metric('a'), windowStart + hour + 10, 2],
  ])
  const values = async (): Promise<number[]> => (await readOne(store, named('a'))).map(([, value]) => value)
  expect(await values()).toEqual([0, 1, 2])
  clock.nowMs += 4 * hour
  await store.maintain()
  expect(store.stats()).toMatchObject({ blocks: 3, headSamples: 0 })
  expect(await values()).toEqual([0, 1, 2])
})

it('maintenance runs by itself at its interval and ends with the store', async () => {
  await using directory = await createTemporaryDirectory()
  const clock = createManualClock(windowStart)
  const sealed = Promise.withResolvers<unknown>()
  let ticks = 0
  const ticking = {
    ...clock,
    now: () => clock.nowMs,
    sleep: async (_ms: number, signal?: AbortSignal) => {
      if (++ticks === 2) sealed.resolve(undefined)
      if (ticks >= 2) await new Promise((resolve) => signal?.addEventListener('abort', resolve))
      else await started.promise
    },
  }
  const started = Promise.withResolvers<unknown>()
  {
    await using store = await openEmbeddedStore({
      directory: directory.path,
      clock: ticking,
      log: silentLog,
      retentionMs: 24 * hour,
    })
    await appendSamples(store, [[metric('a'), windowStart, 1]])
    clock.nowMs += 3 * hour
    started.resolve(undefined)
    await sealed.promise
    expect(store.stats().blocks).toBe(1)
  }
  expect(ticks).toBe(2)
})
