/**
 * Measures the embedded store on synthetic PostgreSQL metrics: `node bench/store.ts [series] [hours]`.
 * Every sample goes through append() with its sync, log and index; figures are of this machine and this run.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { silentLog } from '../common/log.ts'
import type { LabelSet } from '../common/series/label-set.ts'
import { labelSet } from '../common/series/label-set.ts'
import type { Matcher } from '../common/series/matcher.ts'
import { openEmbeddedStore } from '../collector/store/embedded/embedded-store.ts'
import type { EmbeddedStore } from '../collector/store/embedded/embedded-store.ts'

const seriesCount = Number(process.argv[2] ?? 2000)
const hours = Number(process.argv[3] ?? 24)
const intervalMs = 10_000
const metrics = 50
const endMs = Math.floor(Date.now() / 7_200_000) * 7_200_000 + 3_600_000
const startMs = endMs - hours * 3_600_000

let nowMs = startMs
const clock = {
  now: () => nowMs,
  monotonic: () => performance.now(),
  sleep: () => Promise.reject(new Error('the bench calls maintain() itself')),
}

function labelsOfSeries(i: number): LabelSet {
  const instance = Math.floor(i / metrics)
  return labelSet({
    __name__: `pg_metric_${String(i % metrics)}_total`,
    job: 'pgsql',
    cls: `pg-${String(Math.floor(instance / 3))}`,
    ins: `pg-${String(Math.floor(instance / 3))}-${String((instance % 3) + 1)}`,
    ip: `10.10.${String(instance >> 8)}.${String(instance & 255)}`,
    datname: instance % 2 === 0 ? 'orders' : 'billing',
  })
}

/** 40 % counters with varying rates, 30 % gauges with few digits, 20 % constants, 10 % multiples of a page. */
function createGenerator(count: number): (values: Float64Array) => void {
  const state = new Float64Array(count)
  let seed = 42
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  for (let i = 0; i < count; i++) state[i] = Math.floor(random() * 1e6)
  return (values) => {
    for (let i = 0; i < count; i++) {
      const kind = i % 10
      if (kind < 4) state[i]! += Math.floor(random() * 10 ** (1 + (i % 3)))
      else if (kind < 7) state[i] = Math.round((state[i]! + (random() - 0.5) * 4) * 100) / 100
      else if (kind === 7) state[i]! += (Math.floor(random() * 5) - 2) * 8192
      values[i] = state[i]!
    }
  }
}

function open(directory: string): Promise<EmbeddedStore> {
  return openEmbeddedStore({
    directory,
    retentionMs: 90 * 86_400_000,
    maintainEveryMs: 0,
    clock,
    log: silentLog,
  })
}

async function ingest(store: EmbeddedStore): Promise<void> {
  const refs = Uint32Array.from({ length: seriesCount }, (_, i) => store.seriesRef(labelsOfSeries(i)))
  const times = new Float64Array(seriesCount)
  const values = new Float64Array(seriesCount)
  const next = createGenerator(seriesCount)
  const batch = Math.min(2000, seriesCount)
  let samples = 0
  let appendMs = 0
  let sealMs = 0
  let longestMs = 0
  const cpu = process.cpuUsage()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  for (nowMs = startMs; nowMs < endMs; nowMs += intervalMs) {
    next(values)
    times.fill(nowMs)
    const begin = performance.now()
    for (let first = 0; first < seriesCount; first += batch) {
      const end = Math.min(first + batch, seriesCount)
      const before = performance.now()
      await store.append(
        refs.subarray(first, end),
        times,
        values.subarray(first, end),
        end - first,
        store.refGeneration,
      )
      longestMs = Math.max(longestMs, performance.now() - before)
      samples += end - first
    }
    appendMs += performance.now() - begin
    if (nowMs % 60_000 !== 0) continue
    const sealing = performance.now()
    await store.maintain()
    sealMs += performance.now() - sealing
  }
  delay.disable()
  const used = process.cpuUsage(cpu)
  print('samples', samples / 1e6, 'M')
  print('append alone', samples / appendMs / 1000, 'M samples/s')
  print('append and seal', samples / (appendMs + sealMs) / 1000, 'M samples/s')
  print('CPU, generator included', (used.user + used.system) / samples, 's per M samples')
  print('longest append', longestMs, 'ms')
  print('event loop held, 99.9th percentile', delay.percentile(99.9) / 1e6, 'ms')
  print('event loop held, longest', delay.max / 1e6, 'ms')
}

async function measure(name: string, run: () => Promise<number>): Promise<void> {
  const times: number[] = []
  let found = 0
  for (let i = 0; i < 11; i++) {
    const begin = performance.now()
    found = await run()
    times.push(performance.now() - begin)
  }
  const [first] = times
  times.sort((a, b) => a - b)
  print(`${name}: first`, first!, 'ms')
  print(`${name}: best / ${String(found)} samples`, times[0]!, 'ms')
  print(`${name}: median`, times[5]!, 'ms')
}

async function query(store: EmbeddedStore): Promise<void> {
  const count = async (matchers: readonly Matcher[], from: number, to: number): Promise<number> => {
    const found = await store.select(matchers, from, to)
    return found.reduce((sum, { timestamps }) => sum + timestamps.length, 0)
  }
  const equals = (name: string, value: string): Matcher => ({ name, operator: '=', value })
  const one = [equals('__name__', 'pg_metric_0_total'), equals('ins', 'pg-0-1')]
  const metric = [equals('__name__', 'pg_metric_0_total')]
  const all = [equals('job', 'pgsql')]
  const hour = 3_600_000
  await measure('1 series, whole range', () => count(one, startMs, endMs))
  await measure('1 metric, whole range', () => count(metric, startMs, endMs))
  await measure('all series, newest hour (head)', () => count(all, endMs - hour, endMs))
  await measure('all series, a sealed hour', () => count(all, startMs + hour, startMs + 2 * hour - 1))
  await measure('all series, instant', () => count(all, endMs - 20_000, endMs))
  const regex: Matcher = { name: 'ins', operator: '=~', value: 'pg-[0-9]-[12]' }
  await measure('regex on instance, instant', () => count([...metric, regex], endMs - 20_000, endMs))
}

function print(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(52)} ${value.toFixed(3).padStart(12)} ${unit}`)
}

const directory = await mkdtemp(join(tmpdir(), 'pgherd-bench-store-'))
try {
  {
    await using store = await open(directory)
    await ingest(store)
    const stats = store.stats()
    print('blocks: bytes per sample, index included', stats.blockBytes / stats.blockSamples, 'B')
    print('log: bytes per sample', stats.logBytes / stats.headSamples, 'B')
    print('resident memory', process.memoryUsage.rss() / 1e6, 'MB')
    await query(store)
  }
  const begin = performance.now()
  await using store = await open(directory)
  const openMs = performance.now() - begin
  print('open with replay', openMs, 'ms')
  print('replay', store.stats().headSamples / openMs / 1000, 'M samples/s')
} finally {
  await rm(directory, { recursive: true, force: true })
}
