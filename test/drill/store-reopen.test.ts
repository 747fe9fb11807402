import { expect, test } from 'vitest'
import type { EmbeddedStore } from '../../collector/store/embedded/embedded-store.ts'
import {
  createManualClock,
  createTemporaryDirectory,
  metric,
  openTestStore,
  windowStart,
} from '../collector/store/embedded/test-store.ts'

const samples = 10_000_000
const perAppend = 100_000

async function fill(store: EmbeddedStore, seriesCount: number, stepMs: number): Promise<void> {
  const refs = Uint32Array.from({ length: seriesCount }, (_, i) =>
    store.seriesRef(
      metric(`pg_metric_${i % 50}_total`, {
        cls: `pg-${i % 97}`,
        ins: `pg-${i % 97}-${i % 3}`,
        datname: `db${Math.floor(i / 50)}`,
        job: 'pgsql',
      }),
    ),
  )
  const values = new Float64Array(seriesCount)
  for (let round = 0; round < samples / seriesCount; round++) {
    for (let i = 0; i < seriesCount; i++) values[i] = round * (i % 13) + i
    const times = new Float64Array(seriesCount).fill(windowStart + round * stepMs)
    for (let first = 0; first < seriesCount; first += perAppend) {
      const end = Math.min(first + perAppend, seriesCount)
      await store.append(
        refs.subarray(first, end),
        times,
        values.subarray(first, end),
        end - first,
        store.refGeneration,
      )
    }
  }
}

test.each([
  [2_000, 1_000],
  [20_000, 10_000],
  [500_000, 60_000],
])(
  'a log with 10 million samples of %d series is replayed in 2 s of CPU, and 5 µs for each series',
  async (seriesCount, stepMs) => {
    await using directory = await createTemporaryDirectory()
    const clock = createManualClock(windowStart + 2 * 3_600_000)
    const options = { maxHeadBytes: 8 * 2 ** 30, maxLateBytes: 8 * 2 ** 30 }
    {
      await using store = await openTestStore(directory.path, clock, options)
      await fill(store, seriesCount, stepMs)
    }
    const begin = performance.now()
    const before = process.cpuUsage()
    await using store = await openTestStore(directory.path, clock, options)
    const { user, system } = process.cpuUsage(before)
    const seconds = (user + system) / 1e6
    const { headSamples, logBytes } = store.stats()
    console.log(
      `${seriesCount} series: ${headSamples} samples in a log of ${Math.round(logBytes / 2 ** 20)} MiB, opened in ` +
        `${seconds.toFixed(2)} s of CPU, ${((performance.now() - begin) / 1000).toFixed(2)} s in all`,
    )
    expect(headSamples).toBe(samples)
    // The garbage collector's threads count as well, so this is more than what a restart takes on an idle machine.
    expect(seconds).toBeLessThan(2 + seriesCount * 5e-6)
  },
)
