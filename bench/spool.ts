/**
 * What a batch costs from the samples to the receiver's answer, how many bytes a day of outage takes on the disk, and how
 * fast it is filled in: `npm run bench:spool -- [series] [batches to fill in]`. CPU is of this process, which runs
 * with the agent's flags; receivers are processes of their own. Figures are of this machine and this run.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createDestination } from '../common/push/destination.ts'
import { openSpool } from '../common/spool/spool.ts'
import type { Spool } from '../common/spool/spool.ts'
import { systemClock } from '../common/clock.ts'
import { silentLog } from '../common/log.ts'
import { labelSet } from '../common/series/label-set.ts'
import type { LabelSet } from '../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../common/wire/remote-write-encode.ts'
import { startCollector } from '../testbed/pgherd.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../testbed/victoria-metrics.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const seriesCount = Number(positionals[0] ?? 3000)
const backlog = Number(positionals[1] ?? 8640)
const batchesADay = 8640
const clock = systemClock

const directory = mkdtempSync(join(tmpdir(), 'pgherd-bench-'))
process.on('exit', () => {
  rmSync(directory, { recursive: true, force: true })
})

/** Forty metrics of as many tables as it takes; one in fifty batches a table goes and another comes. */
function createWorkload() {
  let tables = Math.ceil(seriesCount / 40)
  const series: LabelSet[] = []
  const fill = (table: number, into: number) => {
    for (let i = 0; i < 40 && into + i < seriesCount; i++) {
      series[into + i] = labelSet({
        __name__: `pg_table_${metrics[i % metrics.length]}_${i}`,
        job: 'pgsql',
        cls: 'pg-main',
        ins: 'pg-main-1',
        ip: '10.10.10.11',
        instance: '10.10.10.11:9630',
        datname: 'application',
        relname: `public.orders_${table}`,
      })
    }
  }
  for (let table = 0; table < tables; table++) fill(table, table * 40)
  const values = new Float64Array(seriesCount)
  let round = 0
  return () => {
    if (++round % 50 === 0) fill(++tables, Math.floor(Math.random() * (seriesCount / 40)) * 40)
    // A third stands still, a third are counters, a third measure something.
    for (let i = 0; i < seriesCount; i++) {
      if (i % 3 === 1) values[i] = values[i]! + Math.floor(Math.random() * 500)
      if (i % 3 === 2) values[i] = Math.round(Math.random() * 1e7) / 1e4
    }
    return { series, values }
  }
}
const metrics = ['seq_scan', 'idx_scan', 'tup_ins', 'tup_upd', 'size_bytes', 'age', 'vacuum_seconds']

const workload = createWorkload()
const encoder = createRemoteWriteEncoder()
let timestampMs = clock.now() - batchesADay * 10_000

async function cpuOf(work: () => Promise<void>): Promise<{ cpuMs: number; wallMs: number }> {
  const before = process.cpuUsage()
  const startedMs = clock.monotonic()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1000, wallMs: clock.monotonic() - startedMs }
}

function open(name: string): Promise<Spool> {
  const options = { maxBytes: 2 ** 30, maxAgeMs: 30 * 86_400_000, clock, log: silentLog }
  return openSpool({ ...options, directory: join(directory, name), readers: ['main'] })
}

async function keep(spool: Spool, { series, values }: ReturnType<typeof workload>): Promise<void> {
  timestampMs += 10_000
  for (const { body } of encoder.encode({ timestampMs, series, values }).bodies) {
    await spool.append({ timestampMs, payload: body })
  }
}

async function steadyState(url: string): Promise<void> {
  await using spool = await open('steady')
  using destination = createDestination({
    name: 'main',
    url,
    queue: spool.reader('main'),
    clock,
    log: silentLog,
  })
  const stop = new AbortController()
  const done = destination.run(stop.signal)
  const sum = { encode: 0, append: 0, push: 0 }
  const rounds = 300
  for (let round = -50; round < rounds; round++) {
    const { series, values } = workload()
    timestampMs += 10_000
    let body: Uint8Array = new Uint8Array(0)
    const encode = await cpuOf(() => {
      body = encoder.encode({ timestampMs, series, values }).bodies[0]!.body
      return Promise.resolve()
    })
    const append = await cpuOf(() => spool.append({ timestampMs, payload: body }))
    const push = await cpuOf(async () => {
      while (spool.reader('main').backlog().records > 0) await new Promise((done) => setTimeout(done, 5))
    })
    if (round < 0) continue
    sum.encode += encode.cpuMs
    sum.append += append.cpuMs
    sum.push += push.cpuMs
  }
  stop.abort()
  await done
  const all = (sum.encode + sum.append + sum.push) / rounds
  console.log(
    `one batch of ${seriesCount} series: ${all.toFixed(2)} ms CPU; encoding ${(sum.encode / rounds).toFixed(2)}, ` +
      `spool ${(sum.append / rounds).toFixed(2)}, push ${(sum.push / rounds).toFixed(2)}`,
  )
}

async function fillIn(name: string, url: string): Promise<void> {
  await using spool = await open(name)
  const startMs = timestampMs
  const written = await cpuOf(async () => {
    for (let i = 0; i < backlog; i++) await keep(spool, workload())
  })
  const { bytes, readers } = spool.stats()
  const perBatch = bytes / backlog
  console.log(
    `${backlog} batches on the disk: ${Math.round(bytes / 2 ** 20)} MiB, ${Math.round(perBatch)} bytes each, ` +
      `a day ${Math.round((perBatch * batchesADay) / 2 ** 20)} MiB, dropped ${readers['main']?.dropped.records}; ` +
      `${(written.cpuMs / backlog).toFixed(2)} ms CPU each`,
  )
  using destination = createDestination({ name, url, queue: spool.reader('main'), clock, log: silentLog })
  const stop = new AbortController()
  const done = destination.run(stop.signal)
  const { cpuMs, wallMs } = await cpuOf(async () => {
    while (spool.reader('main').backlog().records > 0) await new Promise((done) => setTimeout(done, 20))
  })
  stop.abort()
  await done
  timestampMs = startMs
  console.log(
    `${name}: filled in at ${Math.round((backlog / wallMs) * 1000)} batches a second, ` +
      `${((backlog * seriesCount) / wallMs / 1000).toFixed(2)} M samples a second, ` +
      `${(cpuMs / backlog).toFixed(2)} ms CPU of the agent a batch; a day in ${Math.round(((wallMs / backlog) * batchesADay) / 1000)} s; ` +
      `resident ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB; ${JSON.stringify(destination.stats().droppedByStatus)}`,
  )
}

{
  const program = fileURLToPath(new URL('receiver.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  const url = `http://127.0.0.1:${port.toString().trim()}/api/v1/write`
  await steadyState(url)
  await fillIn('a receiver that keeps nothing', url)
  child.stdin.end()
  await once(child, 'exit')
}
{
  await using collector = await startCollector({ directory: join(directory, 'collector') })
  await fillIn('collector', `${collector.url}/api/v1/write`)
}
if (hasVictoriaMetrics()) {
  await using victoria = await startVictoriaMetrics(join(directory, 'victoria'))
  await fillIn('VictoriaMetrics', `${victoria.url}/api/v1/write`)
}
