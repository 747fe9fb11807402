import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { agentOptions } from '../../agent/config.ts'
import { openTransport } from '../../agent/transport.ts'
import { systemClock } from '../../common/clock.ts'
import type { Clock } from '../../common/clock.ts'
import { silentLog } from '../../common/log.ts'
import { labelValue } from '../../common/series/label-set.ts'
import { noTracer } from '../../common/tracer.ts'
import { queryCollector } from '../../testbed/collector-api.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startAgent, startCollector } from '../../testbed/pgherd.ts'
import { freePort } from '../../testbed/ports.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'
import { createBatchWriter, spooledBatches } from './day-of-batches.ts'
import type { Batch } from './day-of-batches.ts'

const intervalMs = agentOptions['scrape.interval'].fallback ?? 0
const dayMs = 86_400_000
const hourMs = 3_600_000
/** What an agent measures is another thing each time: some probes run once a minute. */
const cycle = 6

/**
 * What an agent with the default configuration measures in a minute at a server with 90 tables and 90 indexes in three
 * databases, from its spool.
 */
async function measureAMinute(directory: string): Promise<readonly (readonly Batch[])[]> {
  await using postgres = await startPostgres()
  await postgres.query('create role pgherd login; grant pg_monitor to pgherd')
  for (const name of ['sales', 'stock', 'staff']) {
    await postgres.query(`create database ${name}`)
    await postgres.query(
      "do $$ begin for i in 1..30 loop execute format('create table t%s (id bigint primary key, v text)', i); end loop; end $$",
      [],
      name,
    )
  }
  await using agent = await startAgent({
    directory,
    cluster: 'pg-away',
    seq: 1,
    postgresUrl: postgres.url('postgres', 'pgherd'),
    // Nobody listens there: everything stays in the spool.
    collectorUrl: `http://127.0.0.1:${await freePort()}`,
  })
  const spool = join(directory, 'spool')
  const minute = await waitFor(
    'a minute of measurements',
    async () => {
      const times = Map.groupBy(await spooledBatches(spool), ({ timestampMs }) => timestampMs)
      // The first is another one: it begins between two multiples of the interval.
      const whole = [...times.values()].slice(1, -1)
      return whole.length >= cycle ? whole.slice(-cycle) : undefined
    },
    { timeoutMs: 120_000, intervalMs: 1_000, explain: () => agent.logTail(5) },
  )
  return minute
}

test('one of two collectors is away for a day: the other is complete, and the first is filled in order when it returns', async () => {
  const own = createOwnDirectory({ prefix: 'pgherd-away-' })
  onTestFinished(() => own[Symbol.dispose]())
  const minute = await measureAMinute(join(own.path, 'agent'))
  const endMs = Math.floor(Date.now() / intervalMs) * intervalMs
  const startMs = endMs - dayMs
  const steps = dayMs / intervalMs

  const rules = { 'rules.files': [] }
  const [awayPort, herePort] = [await freePort(), await freePort()]
  const away = { directory: join(own.path, 'away'), port: awayPort, extraConfig: rules }
  await using here = await startCollector({
    directory: join(own.path, 'here'),
    port: herePort,
    extraConfig: rules,
  })
  // Time passes as fast as measurements are written; how long a request may take is that of the wall.
  let nowMs = startMs
  const clock: Clock = { ...systemClock, now: () => nowMs }
  const log = silentLog
  const defaults = {
    maxBytes: agentOptions['spool.max_bytes'].fallback ?? 0,
    maxAgeMs: agentOptions['spool.max_age'].fallback ?? 0,
  }
  await using transport = await openTransport(
    {
      'collector.url': `http://127.0.0.1:${awayPort}`,
      'collector.order': 'oldest',
      destinations: [
        {
          ...{
            name: 'second',
            url: `${here.url}/api/v1/write`,
            order: 'oldest',
            start: 'oldest',
            headers: {},
          },
          ...{ bearer_token_file: undefined, username: undefined, password_file: undefined },
          ...{ ca_file: undefined, cert_file: undefined, key_file: undefined },
        },
      ],
      'scrape.interval': intervalMs,
      'spool.directory': join(own.path, 'spool'),
      'spool.max_bytes': defaults.maxBytes,
      'spool.max_age': defaults.maxAgeMs,
    },
    { clock, log, tracer: noTracer },
  )
  const stop = new AbortController()
  const ended = transport.run(stop.signal)
  await using pushing = new AsyncDisposableStack()
  pushing.defer(async () => {
    stop.abort()
    await ended
  })

  const write = createBatchWriter()
  /** When the host was: a machine that has much to do misses a measurement. */
  const measured = Array.from({ length: steps }, (_, step) => startMs + step * intervalMs).filter((_, step) =>
    minute[step % cycle]!.some(
      ({ job, series }) => job === 'node' && series.some((one) => labelValue(one, '__name__') === 'up'),
    ),
  )
  expect(measured.length).toBeGreaterThan(steps / 2)
  const perHour = new Array<number>(dayMs / hourMs).fill(0)
  for (let step = 0; step < steps; step++) {
    nowMs = startMs + step * intervalMs
    for (const batch of minute[step % cycle]!) {
      for (const record of write(batch, nowMs, step)) await transport.append(record)
      perHour[Math.floor((step * intervalMs) / hourMs)]! += batch.values.length
    }
    // No further than a minute ahead of what is taken: the other collector is there.
    const behind = () => transport.spool().readers['second']?.records ?? 0
    if (step % cycle === 0 && behind() > 500)
      await waitFor('the second collector keeps up', () => behind() < 100, { timeoutMs: 60_000 })
  }
  nowMs = endMs

  const spooled = transport.spool()
  const backlog = spooled.readers['collector']!
  console.log(
    `a day of ${Math.round(perHour.reduce((sum, count) => sum + count, 0) / steps)} samples each ${intervalMs / 1000} s: ` +
      `${(spooled.bytes / 2 ** 20).toFixed(0)} MiB of the spool's ${defaults.maxBytes / 2 ** 20}`,
  )
  expect(spooled.bytes).toBeLessThan(defaults.maxBytes)
  expect(backlog.dropped.records).toBe(0)
  // Whoever is away for a day is not back to the minute.
  expect(defaults.maxAgeMs).toBeGreaterThan(dayMs + 6 * hourMs)

  const samplesIn = async (url: string): Promise<readonly number[]> => {
    const counts: number[] = []
    for (const hour of perHour.keys()) {
      // The first moment of an hour counts, that of the next does not: a range is open on its left.
      const atMs = startMs + (hour + 1) * hourMs - 1
      const [sum] = await queryCollector(
        url,
        'sum(count_over_time({cls="pg-away"}[1h]) keep_metric_names)',
        atMs,
      )
      counts.push(sum?.points[0]?.value ?? 0)
    }
    return counts
  }
  const isEmpty = (name: string) => transport.spool().readers[name]?.records === 0
  await waitFor('the second has everything', () => isEmpty('second'), { timeoutMs: 60_000 })
  expect(await samplesIn(here.url)).toEqual(perHour)

  await using back = await startCollector(away)
  const up = async () =>
    (await queryCollector(back.url, 'up{cls="pg-away",job="node"}[25h]'))[0]?.points ?? []
  await waitFor(
    'the first is filled, from its oldest measurement on and without a gap at any moment',
    async () => {
      const times = (await up()).map(({ timestampMs }) => timestampMs)
      expect(times).toEqual(measured.slice(0, times.length))
      return isEmpty('collector')
    },
    { timeoutMs: 600_000, intervalMs: 500 },
  )
  expect((await up()).map(({ timestampMs }) => timestampMs)).toEqual(measured)
  expect(await samplesIn(back.url)).toEqual(perHour)
  expect(transport.spool().readers['collector']!.dropped.records).toBe(0)
}, 1_200_000)
