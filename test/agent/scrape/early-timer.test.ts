import { expect, test } from 'vitest'
import { createScraper } from '../../../agent/scrape/scraper.ts'
import type { Source } from '../../../agent/scrape/source.ts'
import type { Clock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'

test.each([0.07, 0.15, 0.26, 0.4, 0.61])(
  'a timer that fires early, on a clock that moves %d ms while it is read, skips no interval',
  async (step) => {
    // Every look at the clock finds it a little later, so that in some round the slot's time passes between
    // two looks, and every sleep ends a millisecond too soon.
    let time = 12_345
    const clock: Clock = {
      now: () => Math.floor((time += step)),
      monotonic: () => time,
      sleep(ms) {
        time += Math.max(0, ms - 1)
        return Promise.resolve()
      },
    }
    const source: Source = {
      labels: { job: 'pgsql' },
      measure: () => Promise.resolve({ up: true, tables: [] }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
    const times: number[] = []
    const enough = Promise.withResolvers<undefined>()
    const scraper = createScraper({
      sources: [source],
      intervalMs: 1000,
      timeoutMs: 800,
      clock: {
        ...clock,
        sleep: (ms, signal) => (ms <= 1000 ? clock.sleep(ms, signal) : new Promise(() => undefined)),
      },
      log: silentLog,
      onBatch(batch) {
        times.push(batch.timestampMs)
        if (times.length === 200) enough.resolve(undefined)
        return Promise.resolve()
      },
    })
    await enough.promise
    void scraper.stop()
    expect(times.slice(1, 200)).toEqual(Array.from({ length: 199 }, (_, index) => 13_000 + index * 1000))
  },
)
