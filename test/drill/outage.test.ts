import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { parseDuration } from '../../common/config/kinds.ts'
import { waitFor } from '../../testbed/wait.ts'
import { intervalMs, missingTimes, startHerd } from '../system/herd.ts'

// Thirty measurements, as five minutes at the usual ten seconds; `npm run drill:outage` takes five minutes.
const outageMs = parseDuration(process.env['PGHERD_OUTAGE'] ?? '30s') ?? Number.NaN

test(
  `a collector that was down for ${outageMs / 1000} s misses nothing afterwards`,
  async () => {
    await using herd = await startHerd()
    const series = [
      'up{job="pgsql",ins="pg-sys-1"}',
      'pg_uptime{ins="pg-sys-1"}',
      'node_time_seconds{ins="pg-sys-1"}',
    ]
    const samplesOf = async (selector: string) => (await herd.samples(selector))[0]?.samples ?? []
    const newestOf = async (selector: string) => (await samplesOf(selector)).at(-1)
    const started = await waitFor('the first samples', async () => (await samplesOf(series[0]!)).at(0))

    await herd.collector.stop()
    const stoppedAt = Date.now()
    // The outage is the condition here: there is nothing to observe while the collector is away.
    await sleep(outageMs)
    await herd.collector.start()
    const backAt = Date.now()

    const last = await waitFor(
      'measurements taken after the outage',
      async () => {
        const newest = await newestOf(series[0]!)
        return newest !== undefined && newest.timeMs > backAt + intervalMs ? newest : undefined
      },
      { timeoutMs: 30_000 },
    )
    for (const selector of series) {
      // Host and server are measured and sent each on its own.
      await waitFor(`${selector} to be as far`, async () => {
        const newest = await newestOf(selector)
        return newest !== undefined && newest.timeMs >= last.timeMs
      })
      const samples = await samplesOf(selector)
      // The next tick may fall into the first measurement, which is taken when the agent starts and not at a tick.
      expect(missingTimes(samples, started.timeMs + intervalMs, last.timeMs), selector).toEqual([])
      expect(
        samples.filter(({ timeMs }) => timeMs > stoppedAt && timeMs < backAt).length,
      ).toBeGreaterThanOrEqual(Math.floor(outageMs / intervalMs) - 1)
      expect(new Set(samples.map(({ timeMs }) => timeMs)).size, 'times that occur twice').toBe(samples.length)
    }
  },
  60_000 + outageMs,
)
