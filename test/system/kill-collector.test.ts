import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createRemoteWriteEncoder } from '../../common/wire/remote-write-encode.ts'
import { labelSet } from '../../common/series/label-set.ts'
import { startCollector } from '../../testbed/pgherd.ts'

const seriesCount = 50
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

/** Sends batches one after the other, each until it is acknowledged: what an agent does. */
function startWriter(url: string, startMs: number) {
  const acknowledged: number[] = []
  let running = true
  const encoder = createRemoteWriteEncoder()
  const series = Array.from({ length: seriesCount }, (_, index) =>
    labelSet({ __name__: 'drill_value', series: String(index) }),
  )
  const body = (batch: number): Uint8Array => {
    const values = Float64Array.from(series, (_, index) => batch * 1000 + index)
    return encoder.encode({ timestampMs: startMs + batch * 10, series, values }).bodies[0]!.body
  }
  const send = async (batch: number): Promise<boolean> => {
    try {
      const answer = await fetch(`${url}/api/v1/write`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
        },
        body: Buffer.from(body(batch)),
        signal: AbortSignal.timeout(5_000),
      })
      return answer.status === 204
    } catch {
      return false
    }
  }
  const done = (async () => {
    for (let batch = 0; running; batch++) {
      while (!(await send(batch))) await sleep(20)
      acknowledged.push(batch)
    }
  })()
  return {
    acknowledged,
    async stop() {
      running = false
      await done
    },
  }
}

test(`${kills} times kill -9 of the collector under load: no acknowledged sample is lost, none is doubled`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-kill-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  await using collector = await startCollector({ directory })
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 600_000
  const writer = startWriter(collector.url, startMs)

  for (let kill = 0; kill < kills; kill++) {
    // In mid-flow: the moment of the kill falls anywhere within a request.
    await sleep(200 + Math.random() * 300)
    await collector.kill()
    await collector.start()
  }
  await sleep(200)
  await writer.stop()

  const batches = writer.acknowledged.length
  expect(batches).toBeGreaterThan(kills * 10)
  const response = await fetch(
    `${collector.url}/api/v1/query?${new URLSearchParams({
      query: 'drill_value[1h]',
      time: String((startMs + batches * 10) / 1000 + 60),
    }).toString()}`,
  )
  const { result } = range.parse(await response.json()).data
  expect(result).toHaveLength(seriesCount)
  const expectedTimes = writer.acknowledged.map((batch) => startMs + batch * 10)
  for (const { metric, values } of result) {
    expect(values.map(([seconds]) => Math.round(seconds * 1000))).toEqual(expectedTimes)
    const index = Number(metric['series'])
    expect(values.map(([, value]) => Number(value))).toEqual(
      writer.acknowledged.map((batch) => batch * 1000 + index),
    )
  }
})
