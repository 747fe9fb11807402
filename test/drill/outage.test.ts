import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { parseDuration } from '../../common/config/kinds.ts'
import { waitFor } from '../../testbed/wait.ts'
import { intervalMs, startHerd } from '../system/herd.ts'
import { spooledTimes } from '../system/spooled-times.ts'

// Thirty measurements, as five minutes at the usual ten seconds; `npm run drill:outage` takes five minutes.
const outageMs = parseDuration(process.env['PGHERD_OUTAGE'] ?? '30s') ?? Number.NaN

test(
  `a collector that was down for ${outageMs / 1000} s misses nothing afterwards`,
  async () => {
    await using herd = await startHerd()
    const series = [
      ['pgsql', 'up{job="pgsql",ins="pg-sys-1"}'],
      ['pgsql', 'pg_uptime{ins="pg-sys-1"}'],
      ['node', 'node_time_seconds{ins="pg-sys-1"}'],
    ] as const
    const up = series[0][1]
    const samplesOf = async (selector: string) => (await herd.samples(selector))[0]?.samples ?? []
    const newestOf = async (selector: string) => (await samplesOf(selector)).at(-1)
    const started = await waitFor('the first samples', async () => (await samplesOf(up)).at(0))

    await herd.collector.stop()
    const stoppedAt = Date.now()
    // The outage is the condition here: there is nothing to observe while the collector is away.
    await sleep(outageMs)
    await herd.collector.start()
    const backAt = Date.now()

    const last = await waitFor(
      'measurements taken after the outage',
      async () => {
        const newest = await newestOf(up)
        return newest !== undefined && newest.timeMs > backAt + intervalMs ? newest : undefined
      },
      { timeoutMs: 30_000 },
    )
    // A measurement that the server answered too late for says that it is down, and nothing else of it.
    const answered = new Set(
      (await samplesOf(up)).flatMap(({ timeMs, value }) => (value === 1 ? [timeMs] : [])),
    )
    for (const [job, selector] of series) {
      // Host and server are measured and sent each on its own.
      await waitFor(`${selector} to be as far`, async () => {
        const newest = await newestOf(selector)
        return newest !== undefined && newest.timeMs >= last.timeMs
      })
      const samples = await samplesOf(selector)
      const times = samples.map(({ timeMs }) => timeMs)
      const missing = spooledTimes(herd.agent.logFile, job).filter(
        (timeMs) =>
          timeMs >= started.timeMs &&
          timeMs <= last.timeMs &&
          (job === 'node' || selector === up || answered.has(timeMs)) &&
          !times.includes(timeMs),
      )
      expect(missing, selector).toEqual([])
      // A machine that stands still for a moment may cost a measurement, but not many of them.
      expect(times.filter((timeMs) => timeMs > stoppedAt && timeMs < backAt).length).toBeGreaterThan(
        0.9 * Math.floor(outageMs / intervalMs),
      )
      expect(new Set(times).size, 'times that occur twice').toBe(times.length)
    }
  },
  60_000 + outageMs,
)
