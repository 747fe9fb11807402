import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startCollector } from '../../testbed/pgherd.ts'
import { waitFor } from '../../testbed/wait.ts'
import { batchMs, batchSeries, startBatchWriter } from './batch-writer.ts'

const kills = 5
const range = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
})

test(`${kills} times kill -9 of the collector under load: no acknowledged sample is lost, none is doubled`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-kill-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  await using collector = await startCollector({ directory })
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 600_000
  const writer = startBatchWriter(collector.url, startMs)

  for (let kill = 0; kill < kills; kill++) {
    const before = writer.acknowledged.length
    await waitFor('batches', () => writer.acknowledged.length > before + 10)
    // In mid-flow: the moment of the kill falls anywhere within a request.
    await sleep(Math.random() * 300)
    await collector.kill()
    await collector.start()
  }
  await sleep(200)
  await writer.stop()

  const batches = writer.acknowledged.length
  const response = await fetch(
    `${collector.url}/api/v1/query?${new URLSearchParams({
      query: 'drill_value[1h]',
      time: String((startMs + batches * batchMs) / 1000 + 60),
    }).toString()}`,
  )
  const { result } = range.parse(await response.json()).data
  expect(result).toHaveLength(batchSeries)
  const expectedTimes = writer.acknowledged.map((batch) => startMs + batch * batchMs)
  for (const { metric, values } of result) {
    expect(values.map(([seconds]) => Math.round(seconds * 1000))).toEqual(expectedTimes)
    const index = Number(metric['series'])
    expect(values.map(([, value]) => Number(value))).toEqual(
      writer.acknowledged.map((batch) => batch * 1000 + index),
    )
  }
})
