import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { openEmbeddedStore } from '../../collector/store/embedded/embedded-store.ts'
import { systemClock } from '../../common/clock.ts'
import { silentLog } from '../../common/log.ts'
import { labelSet } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { entryOf, startCollector } from '../../testbed/pgherd.ts'
import { startChild } from '../../testbed/process.ts'
import { hasPrometheus, startPrometheus } from '../../testbed/prometheus.ts'
import { runCommand } from '../../testbed/run-command.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { waitFor } from '../../testbed/wait.ts'

const hourMs = 3_600_000
const stepMs = 60_000
const series: readonly LabelSet[] = Array.from({ length: 60 }, (_, number) =>
  labelSet({
    __name__: number % 2 === 0 ? 'moved_total' : 'moved:odd',
    job: 'drill',
    number: String(number),
  }),
)
const now = Math.floor(Date.now() / stepMs) * stepMs

/** One moment of all series: counters, decimals, an infinity, and a stale marker where the first series ends for a while. */
function valuesAt(step: number): Float64Array {
  const values = Float64Array.from(series, (_, number) =>
    number % 3 === 0 ? step * (number + 1) : number + step / 8,
  )
  if (step % 97 === 0) values[1] = -Infinity
  if (step % 50 === 0) setStale(values, 0)
  return values
}

function temporaryDirectory(): string {
  const own = createOwnDirectory({ prefix: 'pgherd-migrate-' })
  onTestFinished(() => own[Symbol.dispose]())
  return own.path
}

async function fillStore(directory: string, hours: number): Promise<number> {
  await using store = await openEmbeddedStore({
    directory: join(directory, 'metrics'),
    retentionMs: 30 * 24 * hourMs,
    maintainEveryMs: 0,
    clock: systemClock,
    log: silentLog,
  })
  const steps = (hours * hourMs) / stepMs
  const refs = Uint32Array.from(series, (labels) => store.seriesRef(labels))
  for (let step = 0; step < steps; step++) {
    const times = new Float64Array(series.length).fill(now - (steps - step) * stepMs)
    await store.append(refs, times, valuesAt(step), series.length, store.refGeneration)
  }
  await store.maintain()
  return steps * series.length
}

/** The same by remote write, in order. */
async function fillByWrite(url: string, hours: number): Promise<number> {
  const encoder = createRemoteWriteEncoder()
  const steps = (hours * hourMs) / stepMs
  for (let step = 0; step < steps; step++) {
    const timestampMs = now - (steps - step) * stepMs
    for (const { body } of encoder.encode({ timestampMs, series, values: valuesAt(step) }).bodies) {
      const answer = await fetch(`${url}/api/v1/write`, {
        method: 'POST',
        headers: remoteWriteHeaders,
        body: Buffer.from(body),
      })
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
    }
  }
  return steps * series.length
}

function migrateArguments(store: string, from: string, to: string): readonly string[] {
  return [entryOf('collector'), 'migrate', '--store-directory', store, '--from', from, '--to', to]
}

const lines = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.number().nullable()),
  timestamps: z.array(z.number()),
})

/** All samples, by series and time; a stale marker is null. */
async function exported(
  url: string,
): Promise<ReadonlyMap<string, ReadonlyMap<number, number | string | null>>> {
  const form = new URLSearchParams({ 'match[]': '{job="drill"}', start: String(now / 1000 - 200 * 3600) })
  const answer = await fetch(`${url}/api/v1/export?${form.toString()}`)
  const found = new Map<string, Map<number, number | string | null>>()
  for (const line of (await answer.text()).split('\n')) {
    if (line === '') continue
    // Infinities are written bare, or in quotes; a stale marker that comes first is NaN.
    const { metric, values, timestamps } = lines.parse(
      JSON.parse(
        line.replace('[NaN', '[null').replaceAll(/(?<=[[,])"?(-?)\+?Inf(?:inity)?"?(?=[\],])/g, '$11e300'),
      ),
    )
    const key = JSON.stringify(Object.entries(metric).sort())
    const samples = found.get(key) ?? new Map<number, number | string | null>()
    for (const [i, time] of timestamps.entries()) samples.set(time, values[i] ?? null)
    found.set(key, samples)
  }
  return found
}

function count(all: ReadonlyMap<string, ReadonlyMap<number, unknown>>): number {
  return [...all.values()].reduce((sum, samples) => sum + samples.size, 0)
}

const progress = z.object({ phase: z.string(), startMs: z.number(), nextMs: z.number() })

describe.skipIf(!hasVictoriaMetrics())('to and from a VictoriaMetrics', () => {
  test('the embedded store moves into it, killed twice on its way: each sample is there once, and both sides are compared', async () => {
    const directory = temporaryDirectory()
    const store = join(directory, 'store')
    mkdirSync(store)
    const samples = await fillStore(store, 100)
    await using engine = await startVictoriaMetrics(join(directory, 'engine'))
    const args = migrateArguments(store, 'embedded', `victoriametrics=${engine.url}`)
    const reached = () => {
      try {
        const { phase, startMs, nextMs } = progress.parse(
          JSON.parse(readFileSync(join(store, 'migration.json'), 'utf8')),
        )
        return (phase === 'compare' ? 1e15 : 0) + nextMs - startMs
      } catch {
        return 0
      }
    }
    for (const target of [10 * hourMs, 1e15 + 10 * hourMs]) {
      const child = await startChild({
        name: 'migrate',
        command: process.execPath,
        args,
        logFile: join(directory, 'migrate.log'),
      })
      await waitFor('it has done a part', () => reached() > target, {
        timeoutMs: 40_000,
        explain: () => child.logTail(),
      })
      await child.stop('SIGKILL')
    }
    const done = await runCommand(process.execPath, args, { timeoutMs: 60_000 })
    expect(done.stderr).toContain('goes on at')
    expect(done.stdout).toMatch(new RegExp(`^compared ${samples} samples from .*: 0 series differ\n$`))
    expect(done.status).toBe(0)

    const there = await exported(engine.url)
    expect(count(there)).toBe(samples)
    const first = there.get(
      JSON.stringify(Object.entries({ __name__: 'moved_total', job: 'drill', number: '0' })),
    )
    const steps = (100 * hourMs) / stepMs
    expect(first?.get(now - steps * stepMs)).toBe(null)
    expect(first?.get(now - (steps - 49) * stepMs)).toBe(49)
  })

  test('it moves into the embedded store, from which the collector then answers the same', async () => {
    const directory = temporaryDirectory()
    await using engine = await startVictoriaMetrics(join(directory, 'engine'))
    const samples = await fillByWrite(engine.url, 30)
    const before = await waitFor('all samples are found', async () => {
      const found = await exported(engine.url)
      return count(found) === samples ? found : undefined
    })
    const store = join(directory, 'collector', 'store')
    const args = migrateArguments(store, `victoriametrics=${engine.url}`, 'embedded')
    const done = await runCommand(process.execPath, args, { timeoutMs: 60_000 })
    expect(done.stdout + done.stderr).toContain(`compared ${samples} samples`)
    expect(done.status).toBe(0)
    // Once more, onto what is there: nothing is doubled.
    expect((await runCommand(process.execPath, args, { timeoutMs: 60_000 })).status).toBe(0)

    await using collector = await startCollector({
      directory: join(directory, 'collector'),
      extraConfig: { 'rules.files': [] },
    })
    expect(await exported(collector.url)).toEqual(before)

    const running = await runCommand(process.execPath, args)
    expect(running).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('stop the collector') as unknown,
    })
  })
})

test.skipIf(!hasPrometheus())(
  'a Prometheus moves into the embedded store, with samples that are a day old, and stale markers',
  async () => {
    const directory = temporaryDirectory()
    await using prometheus = await startPrometheus(join(directory, 'prometheus'))
    const samples = await fillByWrite(prometheus.url, 30)
    const store = join(directory, 'collector', 'store')
    const args = migrateArguments(store, `prometheus=${prometheus.url}`, 'embedded')
    const done = await runCommand(process.execPath, [...args, '--match', '{job="drill"}'], {
      timeoutMs: 60_000,
    })
    expect(done.stdout + done.stderr).toContain(`compared ${samples} samples`)
    expect(done.stdout).toContain(': 0 series differ')
    expect(done.status).toBe(0)

    await using collector = await startCollector({
      directory: join(directory, 'collector'),
      extraConfig: { 'rules.files': [] },
    })
    const there = await exported(collector.url)
    expect(count(there)).toBe(samples)
    const answers = await Promise.all(
      [prometheus.url, collector.url].map(async (url) => {
        const asked = new URLSearchParams({ query: '{job="drill"}[31h]', time: String(now / 1000) })
        return (await fetch(`${url}/api/v1/query?${asked.toString()}`)).json() as Promise<{
          data: { result: object[] }
        }>
      }),
    )
    const [theirs, ours] = answers.map(({ data }) => data.result.map((one) => JSON.stringify(one)).sort())
    expect(ours?.length).toBe(series.length)
    expect(ours).toEqual(theirs)
  },
)

test('what cannot be meant is refused before anything is opened', async () => {
  const store = join(temporaryDirectory(), 'store')
  const migrate = (from: string, to: string) =>
    runCommand(process.execPath, migrateArguments(store, from, to))
  for (const [from, to] of [
    ['embedded', 'prometheus=http://127.0.0.1:1'],
    ['embedded', 'embedded'],
    ['victoriametrics=http://127.0.0.1:1', 'victoriametrics=http://127.0.0.1:2'],
    ['prometheus=ftp://127.0.0.1', 'embedded'],
  ] as const) {
    expect(await migrate(from, to), `${from} ${to}`).toMatchObject({ status: 2 })
  }
})

test.each(['u:geh,eim@127.0.0.1:1', ':geheim@127.0.0.1:1', '127.0.0.1:1/?authKey=geheim', 'u:geheim@[1'])(
  'a password in a URL, %s, is refused without being printed',
  async (url) => {
    const store = join(temporaryDirectory(), 'store')
    const args = migrateArguments(store, `prometheus=http://${url}`, 'embedded')
    const done = await runCommand(process.execPath, args)
    expect(done).toMatchObject({ status: 2, stderr: expect.stringContaining('--password-file') as unknown })
    expect(done.stdout + done.stderr).not.toMatch(/geh|eim/)
  },
)

test('a directory without metrics has not just no samples', async () => {
  const store = join(temporaryDirectory(), 'store')
  const args = migrateArguments(store, 'embedded', 'victoriametrics=http://127.0.0.1:1')
  expect(await runCommand(process.execPath, args)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`no metrics in ${store}`) as unknown,
  })
  expect(existsSync(store)).toBe(false)
})

test('what is no Prometheus says so, and an unfinished migration is not taken for another range', async () => {
  const directory = temporaryDirectory()
  const store = join(directory, 'store')
  await using server = await startPages()
  const args = migrateArguments(store, `prometheus=${server.url}`, 'embedded')
  const first = await runCommand(process.execPath, [...args, '--start', String(now / 1000 - 600)])
  expect(first).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is that the URL of a Prometheus?') as unknown,
  })
  const other = await runCommand(process.execPath, [...args, '--start', '2026-01-01'])
  expect(other).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`--start ${now / 1000 - 600}. Call it so`) as unknown,
  })
})

/** Answers everything with a page for people. */
async function startPages() {
  const server = createServer((_, answer) => answer.end('<html>welcome</html>'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
