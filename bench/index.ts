/**
 * Measures the series index of the embedded store: `node --expose-gc bench/index.ts [series] [rounds]
 * [maxHeadBytes]`. One sample of
 * every series per round goes through append(); figures are of this machine and this run.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { silentLog } from '../common/log.ts'
import type { LabelSet } from '../common/series/label-set.ts'
import { labelSet } from '../common/series/label-set.ts'
import type { Matcher } from '../common/series/matcher.ts'
import { openEmbeddedStore } from '../collector/store/embedded/embedded-store.ts'
import type { EmbeddedStore } from '../collector/store/embedded/embedded-store.ts'
import { createSeriesTable, internLabels } from '../collector/store/embedded/index/series-table.ts'

const seriesCount = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 20)
const maxHeadBytes = Number(process.argv[4] ?? 2 ** 30)
const intervalMs = 10_000
const seriesPerInstance = 2000
const metrics = 100
const startMs = Math.floor(Date.now() / 7_200_000) * 7_200_000

let nowMs = startMs
const clock = {
  now: () => nowMs,
  monotonic: () => performance.now(),
  sleep: () => Promise.reject(new Error('the bench calls maintain() itself')),
}

/** 500 instances of 2,000 series for a million, of 100 metrics, and 200,000 different queries. */
function labelsOfSeries(i: number): LabelSet {
  const instance = Math.floor(i / seriesPerInstance)
  const rest = i % seriesPerInstance
  return labelSet({
    __name__: `pg_query_${String(rest % metrics)}_total`,
    job: 'pgsql',
    cls: `pg-${String(Math.floor(instance / 3))}`,
    ins: `pg-${String(Math.floor(instance / 3))}-${String((instance % 3) + 1)}`,
    ip: `10.10.${String(instance >> 8)}.${String(instance & 255)}`,
    datname: instance % 2 === 0 ? 'orders' : 'billing',
    query: String((Math.floor(i / 5) * 2_654_435_761) % 2 ** 48),
  })
}

async function memory(): Promise<number> {
  // Array buffers are freed behind the collection, beside the main thread.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await setTimeout(50)
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + Math.max(external, arrayBuffers)
}

/**
 * The longest that this thread computed between two rounds of the event loop. CPU time, so that others on the machine do
 * not count; collections of garbage do.
 */
function watchHolds(): () => number {
  let longest = 0
  let last = process.threadCpuUsage()
  let isOver = false
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(last)
    longest = Math.max(longest, user + system)
    last = process.threadCpuUsage()
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    isOver = true
    return longest / 1000
  }
}

function print(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(56)} ${value.toFixed(3).padStart(12)} ${unit}`)
}

async function indexAlone(): Promise<void> {
  const before = await memory()
  const table = createSeriesTable()
  let longestMs = 0
  let labelsMs = 0
  const begin = performance.now()
  for (let i = 0; i < seriesCount; i++) {
    const t0 = performance.now()
    const labels = labelsOfSeries(i)
    const t1 = performance.now()
    internLabels(table, labels)
    longestMs = Math.max(longestMs, performance.now() - t1)
    labelsMs += t1 - t0
  }
  const buildMs = performance.now() - begin - labelsMs
  print('index alone: building', (buildMs * 1000) / seriesCount, 'us per series')
  print('index alone: longest step', longestMs, 'ms')
  print('index alone: memory', ((await memory()) - before) / seriesCount, 'B per series')
  print('index alone: texts', table.symbols.texts.length, '')
}

async function watched(name: string, work: () => Promise<void>): Promise<void> {
  const held = watchHolds()
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await work()
  const used = process.cpuUsage(cpu)
  print(`${name}: took`, performance.now() - begin, 'ms')
  print(`${name}: CPU`, (used.user + used.system) / 1000, 'ms')
  print(`${name}: longest computation in one turn`, held(), 'ms CPU')
}

/** One sample of every series per round, in requests of 10,000; the refs are asked for in the first round. */
async function ingest(store: EmbeddedStore, refs: Uint32Array, known: boolean): Promise<void> {
  const batch = 10_000
  const times = new Float64Array(batch)
  const values = new Float64Array(batch)
  let longestMs = 0
  for (let first = 0; first < refs.length; first += batch) {
    const end = Math.min(first + batch, refs.length)
    if (!known) for (let i = first; i < end; i++) refs[i] = store.seriesRef(labelsOfSeries(i))
    times.fill(nowMs)
    for (let i = first; i < end; i++) values[i - first] = Math.floor((i * nowMs) / 10_000) % 1000
    const begin = performance.now()
    await store.append(refs.subarray(first, end), times, values, end - first, store.refGeneration)
    longestMs = Math.max(longestMs, performance.now() - begin)
  }
  longestAppendMs = Math.max(longestAppendMs, longestMs)
}
let longestAppendMs = 0

async function measure(name: string, run: () => Promise<number>): Promise<void> {
  const times: number[] = []
  let found = 0
  const held = watchHolds()
  let cpu = 0
  for (let i = 0; i < 20; i++) {
    const begin = performance.now()
    const before = process.threadCpuUsage()
    found = await run()
    const used = process.threadCpuUsage(before)
    if (i > 0) cpu += (used.user + used.system) / 1000
    times.push(performance.now() - begin)
  }
  const [first] = times
  times.sort((a, b) => a - b)
  const columns = [first!, times[10]!, times[19]!, cpu / 19, held()].map((ms) => ms.toFixed(2).padStart(10))
  console.log(`${name.padEnd(58)} ${columns.join('')} ${String(found).padStart(9)}`)
}

async function query(store: EmbeddedStore): Promise<void> {
  console.log(
    `${''.padEnd(58)}${['first ms', 'p50 ms', 'p99 ms', 'CPU ms', 'held CPU'].map((s) => s.padStart(10)).join('')}     found`,
  )
  const to = nowMs
  const from = nowMs - intervalMs
  const m = (name: string, operator: Matcher['operator'], value: string): Matcher => ({
    name,
    operator,
    value,
  })
  const name = m('__name__', '=', 'pg_query_7_total')
  const select = (title: string, ...matchers: Matcher[]) =>
    measure(title, async () => (await store.select(matchers, from, to)).length)
  await select('name and ins: 20 series', name, m('ins', '=', 'pg-100-1'))
  await select('a metric', name)
  await select('an instance', m('ins', '=', 'pg-100-1'))
  await select('name and ins=~"pg-1-[12]"', name, m('ins', '=~', 'pg-1-[12]'))
  await select('name and ins=~"pg-1.*"', name, m('ins', '=~', 'pg-1.*'))
  await select('name and ins=~"a|b|c"', name, m('ins', '=~', 'pg-1-1|pg-2-1|pg-3-1'))
  await select(
    'name, datname!="orders" and ins!~"pg-1.*"',
    name,
    m('datname', '!=', 'orders'),
    m('ins', '!~', 'pg-1.*'),
  )
  await select('query=~"12345.*" alone (200,000 values)', m('query', '=~', '12345.*'))
  await select('query=~".*99[0-4]7" alone (RE2)', m('query', '=~', '.*99[0-4]7'))
  await select(
    'job and query=~"1[0-9]{3}.*9" and cls=~"pg-(1|2)"',
    m('job', '=', 'pgsql'),
    m('query', '=~', '1[0-9]{3}.*9'),
    m('cls', '=~', 'pg-(1|2)'),
  )
  await select('nothing: unknown value', m('ins', '=', 'nothing'))
  await measure('label names', async () => (await store.labelNames([], from, to)).length)
  await measure('label names of a metric', async () => (await store.labelNames([[name]], from, to)).length)
  await measure('values of ins', async () => (await store.labelValues('ins', [], from, to)).length)
  await measure('values of query', async () => (await store.labelValues('query', [], from, to)).length)
  await measure(
    'values of ins of a metric',
    async () => (await store.labelValues('ins', [[name]], from, to)).length,
  )
  await measure(
    'series of an instance',
    async () => (await store.series([[m('ins', '=', 'pg-100-1')]], from, to)).length,
  )
  await measure('stats', () => Promise.resolve(store.stats().headSeries))
}

await indexAlone()
const directory = await mkdtemp(join(tmpdir(), 'pgherd-bench-index-'))
try {
  const before = await memory()
  await using store = await openEmbeddedStore({
    directory,
    retentionMs: 90 * 86_400_000,
    maintainEveryMs: 0,
    maxHeadBytes,
    clock,
    log: silentLog,
  })
  const refs = new Uint32Array(seriesCount)
  await watched('first round, every series new', () => ingest(store, refs, false))
  print('longest append of 10,000 new series', longestAppendMs, 'ms')
  print(
    'after the first round: memory',
    ((await memory()) - before - refs.byteLength) / seriesCount,
    'B per series',
  )
  await query(store)
  longestAppendMs = 0
  await watched(`${String(rounds)} more rounds`, async () => {
    for (let round = 0; round < rounds; round++) {
      nowMs += intervalMs
      await ingest(store, refs, true)
    }
  })
  print('longest append of 10,000 samples', longestAppendMs, 'ms')
  print(
    'after the rounds: memory',
    ((await memory()) - before - refs.byteLength) / seriesCount,
    'B per series',
  )
  print('resident', process.memoryUsage.rss() / 2 ** 20, 'MiB')
  print('blocks sealed early', store.stats().blocks, '')
  nowMs = startMs + 3 * 3_600_000
  await watched('sealing, merging and forgetting everything', () => store.maintain())
  print('after sealing: memory', ((await memory()) - before - refs.byteLength) / 2 ** 20, 'MiB')
  nowMs = startMs + intervalMs
  await query(store)
} finally {
  await rm(directory, { recursive: true, force: true })
}
