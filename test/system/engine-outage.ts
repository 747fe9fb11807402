import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import { readMetrics } from '../../testbed/collector-api.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import { startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { waitFor } from '../../testbed/wait.ts'
import { batchMs, batchSeries, startBatchWriter } from './batch-writer.ts'

const line = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.number()),
  timestamps: z.array(z.number()),
})

const queried = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/**
 * Until the engine finds so many samples. Those that its own flush, once a second, is at work on are not found yet, and
 * `/internal/force_flush` does not wait for them: after an outage that may be thousands of batches for a second or two.
 */
async function found(engineUrl: string, samples: number): Promise<void> {
  let count: string | undefined
  await waitFor(
    `${samples} samples are found`,
    async () => {
      await fetch(`${engineUrl}/internal/force_flush`)
      const query = 'sum(count_over_time(drill_value[2h]))'
      const answer = await fetch(`${engineUrl}/api/v1/query?${new URLSearchParams({ query }).toString()}`)
      count = queried.parse(await answer.json()).data.result[0]?.value[1]
      return Number(count) >= samples
    },
    { explain: () => `it finds ${count}` },
  )
}

/**
 * Writes through a collector in front of a VictoriaMetrics that is killed (SIGKILL, so that it loses what it has only
 * in memory) and stays away, while the collector is killed as well; then looks for every sample that was acknowledged.
 */
export async function outageOfEngine(drill: {
  readonly outageMs: number
  readonly collectorKills: number
  /** For so long it is frozen before it is killed. */
  readonly frozenMs?: number
}): Promise<void> {
  using home = createOwnDirectory({ prefix: 'pgherd-engine-outage-' })
  await using engine = await startVictoriaMetrics(join(home.path, 'engine'))
  await using collector = await startCollector({
    directory: join(home.path, 'collector'),
    extraConfig: {
      'store.kind': 'victoriametrics',
      'store.victoriametrics.insert': [{ url: engine.url }],
      'rules.files': [],
    },
  })
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000
  const writer = startBatchWriter(collector.url, startMs)
  await waitFor('batches before the outage', () => writer.acknowledged.length > 100)

  if (drill.frozenMs !== undefined) {
    engine.freeze()
    await sleep(drill.frozenMs)
  }
  await engine.kill()
  const killedAt = writer.acknowledged.length
  const pauseMs = drill.outageMs / (drill.collectorKills + 1)
  for (let kill = 0; kill < drill.collectorKills; kill++) {
    await sleep(pauseMs)
    await collector.kill()
    await collector.start()
  }
  await sleep(pauseMs)
  // Writes go on while the engine is away.
  expect(writer.acknowledged.length).toBeGreaterThan(killedAt + 50)
  await engine.start()
  // And once more in the middle of catching up.
  await collector.kill()
  await collector.start()
  await sleep(500)
  await writer.stop()
  await waitFor(
    'everything was sent',
    async () => (await readMetrics(`${collector.url}/metrics`)).get('pgherd_store_buffer_records') === 0,
    { timeoutMs: 60_000 },
  )
  await found(engine.url, writer.acknowledged.length * batchSeries)

  const times = writer.acknowledged.map((batch) => startMs + batch * batchMs)
  const answer = await fetch(
    `${engine.url}/api/v1/export?${new URLSearchParams({ 'match[]': 'drill_value' }).toString()}`,
  )
  const lines = (await answer.text()).split('\n').filter((text) => text !== '')
  expect(lines).toHaveLength(batchSeries)
  for (const text of lines) {
    const { metric, values, timestamps } = line.parse(JSON.parse(text))
    expect(timestamps).toEqual(times)
    const index = Number(metric['series'])
    expect(values).toEqual(writer.acknowledged.map((batch) => batch * 1000 + index))
  }
}
