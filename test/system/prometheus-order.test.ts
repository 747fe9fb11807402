import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createDestination } from '../../common/push/destination.ts'
import { openSpool } from '../../common/spool/spool.ts'
import { systemClock } from '../../common/clock.ts'
import { silentLog } from '../../common/log.ts'
import { labelSet } from '../../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../../common/wire/remote-write-encode.ts'
import { hasPrometheus, startPrometheus } from '../../testbed/prometheus.ts'
import { waitFor } from '../../testbed/wait.ts'

const answer = z.object({
  data: z.object({ result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })) }),
})

const encoder = createRemoteWriteEncoder()
const series = Array.from({ length: 50 }, (_, i) => labelSet({ __name__: 'pg_up', ins: `pg-${i}-1` }))

/** An hour of measurements while Prometheus was away, and then one more: what arrives, and what the pusher counts. */
async function fillIn(order: 'oldest' | 'fresh', options: { outOfOrder?: string }) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-prometheus-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  await using prometheus = await startPrometheus(join(directory, 'prometheus'), options)
  await using spool = await openSpool({
    directory: join(directory, 'spool'),
    readers: [{ name: 'main', ...(order === 'fresh' ? { freshMs: 60_000 } : {}) }],
    maxBytes: 1 << 26,
    maxAgeMs: 86_400_000,
    clock: systemClock,
    log: silentLog,
  })
  const measure = (timestampMs: number) => {
    const values = Float64Array.from(series, () => 1)
    const [encoded] = encoder.encode({ timestampMs, series, values }).bodies
    return spool.append({ timestampMs, payload: encoded!.body })
  }
  const now = Math.floor(Date.now() / 1000) * 1000
  for (let i = 360; i >= 7; i--) await measure(now - i * 10_000)
  // The attempt that failed while it was away.
  await spool.reader('main').take({ records: 1, bytes: 0 })
  await measure(now)

  using destination = createDestination({
    name: 'main',
    url: `${prometheus.url}/api/v1/write`,
    queue: spool.reader('main'),
    clock: systemClock,
    log: silentLog,
  })
  const stop = new AbortController()
  const done = destination.run(stop.signal)
  await waitFor('the backlog to be sent', () => destination.stats().behindRecords === 0, {
    timeoutMs: 30_000,
  })
  stop.abort()
  await done
  const url = `${prometheus.url}/api/v1/query?${new URLSearchParams({ query: 'pg_up{ins="pg-7-1"}[2h]' }).toString()}`
  const { data } = answer.parse(await (await fetch(url)).json())
  const { sent, droppedByStatus } = destination.stats()
  return { sent, droppedByStatus, samples: data.result[0]?.values.length ?? 0 }
}

test.skipIf(!hasPrometheus()).each([
  ['in order, Prometheus takes an outage as it comes', 'oldest', {}, { sent: 355, samples: 355 }],
  [
    'with fresh data first, it takes the backlog when it has a window for it',
    'fresh',
    { outOfOrder: '2h' },
    { sent: 355, samples: 355 },
  ],
] as const)('%s', async (_, order, options, expected) => {
  expect(await fillIn(order, options)).toEqual({ ...expected, droppedByStatus: {} })
})

test.skipIf(!hasPrometheus())(
  'with fresh data first and no window it refuses the backlog, which is dropped and counted; the fresh data is there',
  async () => {
    expect(await fillIn('fresh', {})).toEqual({ sent: 1, samples: 1, droppedByStatus: { 400: 354 } })
  },
)
