import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { waitFor } from '../../testbed/wait.ts'
import { intervalMs, startHerd } from '../system/herd.ts'
import type { RawSample } from '../system/herd.ts'
import { spooledTimes } from '../system/spooled-times.ts'

const outageMs = 60_000
const exportedLine = z.object({ values: z.array(z.number().nullable()), timestamps: z.array(z.number()) })

/** The raw samples of one series in a VictoriaMetrics, oldest first. */
async function exported(url: string, selector: string): Promise<RawSample[]> {
  const answer = await fetch(
    `${url}/api/v1/export?${new URLSearchParams({ 'match[]': selector }).toString()}`,
  )
  const [line = ''] = (await answer.text()).split('\n', 1)
  if (line === '') return []
  const { values, timestamps } = exportedLine.parse(JSON.parse(line))
  return timestamps.map((timeMs, i) => ({ timeMs, value: values[i] ?? Number.NaN }))
}

test.skipIf(!hasVictoriaMetrics())(
  'two destinations with fresh data first, each away for a while, the agent killed meanwhile: both miss nothing',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-victoria-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    await using victoria = await startVictoriaMetrics(directory)
    const destination = { name: 'victoria', url: `${victoria.url}/api/v1/write`, order: 'fresh' }
    await using herd = await startHerd({
      agent: { 'collector.order': 'fresh', destinations: JSON.stringify([destination]) },
    })
    const series = [
      ['pgsql', 'up{job="pgsql",ins="pg-sys-1"}'],
      ['pgsql', 'pg_uptime{ins="pg-sys-1"}'],
      ['node', 'node_time_seconds{ins="pg-sys-1"}'],
    ] as const
    const up = series[0][1]
    const inCollector = async (selector: string) => (await herd.samples(selector))[0]?.samples ?? []
    const inVictoria = (selector: string) => exported(victoria.url, selector)
    const isCurrent = async (samplesOf: typeof inCollector) => {
      const newest = (await samplesOf(up)).at(-1)
      return newest !== undefined && newest.timeMs > Date.now() - 3 * intervalMs
    }
    await waitFor(
      'samples in both',
      async () => (await isCurrent(inCollector)) && (await isCurrent(inVictoria)),
    )

    await victoria.stop()
    // The outage is the condition here; the agent dies in its middle.
    await sleep(outageMs / 2)
    await waitFor('the other destination goes on', () => isCurrent(inCollector))
    await herd.agent.kill()
    await herd.agent.start()
    await sleep(outageMs / 2)
    await victoria.start()
    // The pusher may have just begun its longest wait between two attempts, 30 s.
    const patience = { timeoutMs: 45_000 }
    await waitFor('fresh samples in the one that is back', () => isCurrent(inVictoria), patience)

    // Now the other one, shorter.
    await herd.collector.stop()
    await sleep(outageMs / 3)
    await waitFor('the other destination goes on', () => isCurrent(inVictoria))
    await herd.collector.start()
    const backAt = Date.now()
    await waitFor(
      'fresh samples in both',
      async () => (await isCurrent(inCollector)) && (await isCurrent(inVictoria)),
      patience,
    )
    const last = await waitFor(
      'measurements well after it',
      async () => {
        const newest = (await inCollector(up)).at(-1)
        return newest !== undefined && newest.timeMs > backAt + 8 * intervalMs ? newest : undefined
      },
      patience,
    )
    const until = last.timeMs - intervalMs

    for (const [job, selector] of series) {
      const spooled = spooledTimes(herd.agent.logFile, job).filter((time) => time <= until)
      expect(spooled.length).toBeGreaterThan(outageMs / intervalMs)
      for (const [name, samplesOf] of [
        ['collector', inCollector],
        ['VictoriaMetrics', inVictoria],
      ] as const) {
        let missing: readonly number[] = []
        const times = await waitFor(
          `the backlog of ${selector} in ${name}`,
          async () => {
            const found = (await samplesOf(selector))
              .map(({ timeMs }) => timeMs)
              .filter((time) => time <= until)
            missing = spooled.filter((time) => !found.includes(time))
            return missing.length === 0 ? found : undefined
          },
          { timeoutMs: 20_000, explain: () => `missing of ${spooled.join(' ')}: ${missing.join(' ')}` },
        )
        expect(times.length, `${name}: times that occur twice`).toBe(new Set(times).size)
        expect(
          times.toSorted((a, b) => a - b),
          name,
        ).toEqual(spooled.toSorted((a, b) => a - b))
      }
    }
  },
  120_000 + 2 * outageMs,
)
