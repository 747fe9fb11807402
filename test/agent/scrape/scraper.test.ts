import { describe, expect, onTestFinished, test } from 'vitest'
import type { Batch } from '../../../agent/scrape/batch.ts'
import { createScraper } from '../../../agent/scrape/scraper.ts'
import type { Scraper } from '../../../agent/scrape/scraper.ts'
import type { Measurement, Round, Source } from '../../../agent/scrape/source.ts'
import { silentLog } from '../../../common/log.ts'
import type { Log } from '../../../common/log.ts'
import { labelValue } from '../../../common/series/label-set.ts'
import { createManualClock, settled } from '../../manual-clock.ts'
import type { ManualClock } from '../../manual-clock.ts'
import { batchSamples } from './batch-samples.ts'

const up: Measurement = {
  up: true,
  tables: [{ metrics: ['x'], labelNames: [], rows: [{ labels: [], values: [7] }] }],
}
const down: Measurement = { up: false, tables: [] }

/** A source whose measurements a test writes. */
function scripted(measure: (round: Round) => Promise<Measurement>, job = 'pgsql'): Source {
  return {
    labels: { job, cls: 'c', ins: 'c-1', ip: '10.0.0.1', instance: '10.0.0.1:1' },
    // Tables of its own each time, as of a source that has measured anew.
    async measure(round) {
      const { up, tables } = await measure(round)
      return { up, tables: tables.map((table) => ({ ...table })) }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

interface Started {
  readonly clock: ManualClock
  readonly batches: Batch[]
  readonly scraper: Scraper
}

function start(
  sourcesOf: (clock: ManualClock) => readonly Source[],
  options: {
    readonly startMs?: number
    readonly onBatch?: (batch: Batch) => Promise<void>
    signal?: AbortSignal
    readonly log?: Log
  } = {},
): Started {
  const clock = createManualClock(options.startMs ?? 12_345)
  const batches: Batch[] = []
  const scraper = createScraper({
    sources: sourcesOf(clock),
    intervalMs: 10_000,
    timeoutMs: 8_000,
    clock,
    log: options.log ?? silentLog,
    onBatch:
      options.onBatch ??
      ((batch) => {
        batches.push(batch)
        return Promise.resolve()
      }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  onTestFinished(() => scraper.stop())
  return { clock, batches, scraper }
}

const times = (batches: readonly Batch[]): readonly number[] => batches.map(({ timestampMs }) => timestampMs)

describe('measuring', () => {
  test('starts at once and goes on at the multiples of the interval, whose time the samples carry', async () => {
    const { clock, batches } = start((clock) => [
      scripted(async () => {
        await clock.sleep(120)
        return up
      }),
    ])
    await clock.advance(30_000)
    expect(times(batches)).toEqual([12_345, 20_000, 30_000, 40_000])
    expect(batchSamples(batches[1]!)).toEqual({
      x: 7,
      up: 1,
      scrape_duration_seconds: 0.12,
      scrape_samples_scraped: 1,
      pgherd_scrape_missed_total: 0,
      pgherd_scrape_duplicate_samples_total: 0,
      pgherd_scrape_refused_samples: 0,
    })
  })

  test('of one source does not wait for another', async () => {
    const { clock, batches } = start((clock) => [
      scripted(async () => {
        await clock.sleep(7_000)
        return up
      }, 'slow'),
      scripted(() => Promise.resolve(up), 'fast'),
    ])
    await clock.advance(6_000)
    expect(batches.map(({ series }) => series[0]?.at(-1))).toEqual(['fast'])
  })

  test('waits until the last batch was taken; what is missed meanwhile is counted and not made up for', async () => {
    const taken = Promise.withResolvers<undefined>()
    const batches: Batch[] = []
    const { clock } = start(() => [scripted(() => Promise.resolve(up))], {
      onBatch: async (batch) => {
        batches.push(batch)
        if (batches.length === 2) await taken.promise
      },
    })
    await clock.advance(36_000)
    expect(times(batches)).toEqual([12_345, 20_000])
    taken.resolve(undefined)
    await clock.advance(10_000)
    expect(times(batches)).toEqual([12_345, 20_000, 50_000])
    expect(batchSamples(batches[2]!)['pgherd_scrape_missed_total']).toBe(2)
  })

  test('goes on after a batch that nobody could take', async () => {
    let calls = 0
    const { clock } = start(() => [scripted(() => Promise.resolve(up))], {
      onBatch: () => {
        calls++
        return Promise.reject(new Error('disk full'))
      },
    })
    await clock.advance(20_000)
    expect(calls).toBe(3)
  })
})

test('batches that nobody can take are one line of the log, and one more when they are taken again', async () => {
  const lines: string[] = []
  const write = (_: object, message: string) => void lines.push(message)
  const log = { ...silentLog, error: write, info: write, child: () => log } as unknown as Log
  let refuse = true
  const { clock } = start(() => [scripted(() => Promise.resolve(up))], {
    log,
    onBatch: () => (refuse ? Promise.reject(new Error('no space')) : Promise.resolve()),
  })
  await clock.advance(50_000)
  expect(lines).toEqual(['scrape: a batch was lost'])
  refuse = false
  await clock.advance(20_000)
  expect(lines).toEqual(['scrape: a batch was lost', 'scrape: batches are kept again'])
})

describe('a source', () => {
  test('that is down gives up 0 and one stale marker for each of its series, and comes back', async () => {
    const answers = [up, down, down, up]
    const { clock, batches } = start(() => [scripted(() => Promise.resolve(answers.shift() ?? up))])
    await clock.advance(30_000)
    expect(batches.map((batch) => batchSamples(batch)).map(({ up: is, x }) => [is, x])).toEqual([
      [1, 7],
      [0, 'stale'],
      [0, undefined],
      [1, 7],
    ])
  })

  test('that throws is down', async () => {
    const { clock, batches } = start(() => [scripted(() => Promise.reject(new Error('a defect')))])
    await clock.advance(0)
    expect(batchSamples(batches[0]!)['up']).toBe(0)
  })

  test('that hangs is down at its deadline and at each interval after it, and is not measured twice at once', async () => {
    let started = 0
    const hang = Promise.withResolvers<Measurement>()
    const { clock, batches } = start(
      () => [
        scripted(() => {
          started++
          return started === 1 ? Promise.resolve(up) : started === 2 ? hang.promise : Promise.resolve(up)
        }),
      ],
      { startMs: 10_000 },
    )
    await clock.advance(18_249)
    expect(times(batches)).toEqual([10_000])
    await clock.advance(1)
    expect(times(batches)).toEqual([10_000, 20_000])
    expect(batchSamples(batches[1]!)).toMatchObject({ up: 0, x: 'stale', scrape_duration_seconds: 8.25 })

    await clock.advance(10_000)
    expect(batchSamples(batches[2]!)).toMatchObject({ up: 0, pgherd_scrape_missed_total: 1 })
    expect(started).toBe(2)

    hang.resolve(up)
    await clock.advance(10_000)
    expect(batchSamples(batches[3]!)).toMatchObject({ up: 1, x: 7 })
    expect(started).toBe(3)
  })

  test('is told its deadline', async () => {
    const left: number[] = []
    const { clock } = start(
      (clock) => [
        scripted(async (round) => {
          left.push(round.timeoutMs, round.remainingMs())
          await clock.sleep(3_000)
          left.push(round.remainingMs())
          await clock.sleep(5_000)
          left.push(round.remainingMs())
          return up
        }),
      ],
      { startMs: 10_000 },
    )
    await clock.advance(8_000)
    expect(left).toEqual([8_000, 8_000, 5_000, 0])
  })
})

describe('the end', () => {
  test('is one last batch per source, later than any other, that ends all its series', async () => {
    const { clock, batches, scraper } = start(() => [scripted(() => Promise.resolve(up))])
    await clock.advance(10_000)
    await scraper.stop()
    const last = batches.at(-1)!
    expect(last.timestampMs).toBe(22_345)
    expect(new Set(Object.values(batchSamples(last)))).toEqual(new Set(['stale']))
    expect(Object.keys(batchSamples(last)).sort()).toEqual(Object.keys(batchSamples(batches[0]!)).sort())
    await clock.advance(60_000)
    expect(batches.at(-1)).toBe(last)
  })

  test('right after a scrape has a timestamp of its own', async () => {
    const { batches, scraper } = start(() => [scripted(() => Promise.resolve(up))], { startMs: 20_000 })
    await settled()
    await scraper.stop()
    expect(times(batches)).toEqual([20_000, 20_001])
  })

  test('does not wait for a scrape in progress, and drops its result', async () => {
    const hang = Promise.withResolvers<Measurement>()
    const { batches, scraper } = start(() => [scripted(() => hang.promise)])
    await settled()
    await scraper.stop()
    hang.resolve(up)
    await settled()
    expect(batches.map((batch) => batchSamples(batch))).toEqual([{}])
  })

  test('comes with the signal too', async () => {
    const controller = new AbortController()
    const { clock, batches } = start(() => [scripted(() => Promise.resolve(up))], {
      signal: controller.signal,
    })
    await clock.advance(10_000)
    controller.abort()
    await settled()
    expect(batchSamples(batches.at(-1)!)).toMatchObject({ up: 'stale', x: 'stale' })
    expect(clock.sleepers).toBe(0)
  })
})

test('a clock that is set back by an hour does not stop the measuring for an hour', async () => {
  const manual = createManualClock(7_200_000)
  let shiftMs = 0
  const batches: Batch[] = []
  const scraper = createScraper({
    sources: [scripted(() => Promise.resolve(up))],
    intervalMs: 10_000,
    timeoutMs: 8_000,
    clock: { ...manual, now: () => manual.now() + shiftMs },
    log: silentLog,
    onBatch: (batch) => {
      batches.push(batch)
      return Promise.resolve()
    },
  })
  onTestFinished(() => scraper.stop())
  await manual.advance(12_000)
  shiftMs = -3_600_000
  await manual.advance(30_000)
  expect(times(batches)).toEqual([7_200_000, 7_210_000, 3_630_000, 3_640_000])
})

test('everything is measured once more when it is asked for, and the grid goes on as it was', async () => {
  const { clock, batches, scraper } = start(() => [scripted(() => Promise.resolve(up))])
  await clock.advance(0)
  await clock.advance(1_000)
  const asked = scraper.scrapeNow(new AbortController().signal)
  await clock.advance(0)
  expect(await asked).toEqual({ sources: 1, samples: batches[1]!.series.length })
  await clock.advance(10_000)
  expect(times(batches)).toEqual([12_345, 13_345, 20_000])
})

test('who asks for a measurement of a source that hangs is not kept when he gives up', async () => {
  const { clock, scraper } = start(() => [scripted(() => new Promise(() => undefined))])
  await clock.advance(0)
  const giveUp = new AbortController()
  const asked = scraper.scrapeNow(giveUp.signal)
  giveUp.abort()
  expect(await asked).toEqual({ sources: 0, samples: 0 })
})

describe('what a watchdog asks', () => {
  test('the source that was not measured for the longest time counts, while others go on', async () => {
    let hangs = false
    const ever = Promise.withResolvers<undefined>()
    const { clock, scraper } = start(
      () => [scripted(() => Promise.resolve(up)), scripted(() => Promise.resolve(up), 'host')],
      {
        onBatch: ({ series }) =>
          hangs && labelValue(series[0] ?? [], 'job') === 'host' ? ever.promise : Promise.resolve(),
      },
    )
    await clock.advance(25_000)
    expect(scraper.sinceRoundMs()).toBeLessThanOrEqual(10_000)
    hangs = true
    await clock.advance(60_000)
    expect(scraper.sinceRoundMs()).toBeGreaterThan(50_000)
    ever.resolve(undefined)
  })

  test('the first round is over when every source was measured and what came of it was kept', async () => {
    const kept = Promise.withResolvers<undefined>()
    const { clock, scraper } = start(() => [scripted(() => Promise.resolve(up))], {
      onBatch: () => kept.promise,
    })
    let isOver = false
    void scraper.firstRound.then(() => (isOver = true))
    await clock.advance(5_000)
    expect(isOver).toBe(false)
    kept.resolve(undefined)
    await settled()
    expect(isOver).toBe(true)
  })
})
