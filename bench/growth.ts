/**
 * What questions cost as a store grows: `node bench/growth.ts [series] [interval in s] [days ...]`, by default 2,000
 * series every 60 s for an hour, a day and 30 days. Every sample goes through append(), sealing and merging.
 * Figures are milliseconds of CPU time, thread pool included: cold with a store that was just opened, warm repeated.
 * The store itself is asked, then a collector with it over HTTP; `--http` leaves out the former.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '../collector/store/embedded/embedded-store.ts'
import type { EmbeddedStore } from '../collector/store/embedded/embedded-store.ts'
import { createEngine } from '../collector/promql/engine.ts'
import { silentLog } from '../common/log.ts'
import { labelSet } from '../common/series/label-set.ts'
import type { Matcher } from '../common/series/matcher.ts'
import { askCollector } from './growth/ask-collector.ts'

const isHttpOnly = process.argv.includes('--http')
const [seriesText = '2000', intervalText = '60', ...dayTexts] = process.argv
  .slice(2)
  .filter((text) => text !== '--http')
const seriesCount = Number(seriesText)
const intervalMs = Number(intervalText) * 1000
const days = dayTexts.length > 0 ? dayTexts.map(Number) : [1 / 24, 1, 30]
const hour = 3_600_000
const day = 24 * hour
const metrics = 50
/**
 * Yesterday, for a collector takes nothing from the future. An hour into a window, so that there is a head, and into a
 * day of which the day before has been merged.
 */
const endMs = Math.floor(Date.now() / day) * day - 13 * hour
const coldRuns = 5
const warmRuns = 30

let nowMs = 0
const clock = {
  now: () => nowMs,
  monotonic: () => performance.now(),
  sleep: () => Promise.reject(new Error('the bench calls maintain() itself')),
}
const engine = createEngine()

function open(directory: string): Promise<EmbeddedStore> {
  return openEmbeddedStore({
    directory,
    retentionMs: 90 * day,
    maintainEveryMs: 0,
    clock,
    log: silentLog,
  })
}

function labels(i: number): ReturnType<typeof labelSet> {
  const instance = Math.floor(i / metrics)
  return labelSet({
    __name__: `pg_metric_${String(i % metrics)}_total`,
    job: 'pgsql',
    cls: `pg-${String(Math.floor(instance / 3))}`,
    ins: `pg-${String(Math.floor(instance / 3))}-${String((instance % 3) + 1)}`,
    datname: instance % 2 === 0 ? 'orders' : 'billing',
  })
}

async function fill(directory: string, startMs: number): Promise<void> {
  nowMs = startMs
  await using store = await open(directory)
  const refs = Uint32Array.from({ length: seriesCount }, (_, i) => store.seriesRef(labels(i)))
  const times = new Float64Array(seriesCount)
  const values = new Float64Array(seriesCount)
  let seed = 42
  for (nowMs = startMs; nowMs < endMs; nowMs += intervalMs) {
    times.fill(nowMs)
    for (let i = 0; i < seriesCount; i++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      const step = seed >>> 24
      values[i] = i % 2 === 0 ? values[i]! + step : Math.round(values[i]! * 100 + step - 128) / 100
    }
    await store.append(refs, times, values, seriesCount, store.refGeneration)
    if (nowMs % (30 * 60_000) === 0) await store.maintain()
  }
  await store.maintain()
}

const equals = (name: string, value: string): Matcher => ({ name, operator: '=', value })
const all = [equals('job', 'pgsql')]
const one = [equals('__name__', 'pg_metric_7_total'), equals('ins', 'pg-0-1')]

/** By name; `daysBack` is how old a store has to be for it. */
interface Question {
  readonly daysBack: number
  readonly ask: (store: EmbeddedStore) => Promise<number>
}

const select =
  (matchers: readonly Matcher[], fromMs: number, toMs: number) =>
  async (store: EmbeddedStore): Promise<number> => {
    const found = await store.select(matchers, fromMs, toMs)
    return found.reduce((sum, { timestamps }) => sum + timestamps.length, 0)
  }
const back = (ms: number): number => endMs - ms
const questions: Record<string, Question> = {
  'all series, newest hour': { daysBack: 0, ask: select(all, back(hour), endMs) },
  'all series, an hour 5 h ago': { daysBack: 1, ask: select(all, back(5 * hour), back(4 * hour) - 1) },
  'all series, an hour of yesterday': { daysBack: 1, ask: select(all, back(20 * hour), back(19 * hour) - 1) },
  'all series, an hour 20 d ago': {
    daysBack: 30,
    ask: select(all, back(20 * day), back(20 * day - hour) - 1),
  },
  'one series, 24 h': { daysBack: 1, ask: select(one, back(day), endMs) },
  'one series, 30 d': { daysBack: 30, ask: select(one, back(30 * day), endMs) },
  'one metric, 30 d at 6 h steps': {
    daysBack: 30,
    async ask(store) {
      const text = 'sum(pg_metric_7_total)'
      await engine.range(store, text, back(30 * day), endMs, 6 * hour)
      return Math.round((30 * day) / (6 * hour)) + 1
    },
  },
  'all series, instant now': { daysBack: 0, ask: select(all, back(5 * 60_000), endMs) },
  'all series, instant yesterday': {
    daysBack: 1,
    ask: select(all, back(20 * hour), back(20 * hour - 5 * 60_000)),
  },
  'label values, newest hour': {
    daysBack: 0,
    ask: async (store) => (await store.labelValues('ins', [], back(hour), endMs)).length,
  },
  'label values, all time': {
    daysBack: 0,
    ask: async (store) => (await store.labelValues('ins', [], 0, endMs)).length,
  },
  'label values of a metric, all time': {
    daysBack: 0,
    ask: async (store) => (await store.labelValues('ins', [one.slice(0, 1)], 0, endMs)).length,
  },
}

async function cpuOf(run: () => Promise<number>): Promise<{ ms: number; found: number }> {
  const before = process.cpuUsage()
  const found = await run()
  const { user, system } = process.cpuUsage(before)
  return { ms: (user + system) / 1000, found }
}

function quantile(sorted: readonly number[], share: number): string {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1)
}

async function measure(directory: string, spanDays: number): Promise<void> {
  nowMs = endMs
  const opening: number[] = []
  const table: Record<string, Record<string, string | number>> = {}
  for (const [name, { daysBack, ask }] of Object.entries(questions)) {
    if (daysBack > spanDays) continue
    const cold: number[] = []
    const warm: number[] = []
    let found = 0
    for (let run = 0; run < coldRuns; run++) {
      let store: EmbeddedStore | undefined
      const { ms } = await cpuOf(async () => {
        store = await open(directory)
        return 0
      })
      opening.push(ms)
      await using opened = store!
      const askOnce = (): Promise<number> => ask(opened)
      const first = await cpuOf(askOnce)
      cold.push(first.ms)
      found = first.found
      if (run < coldRuns - 1) continue
      for (let again = 0; again < warmRuns; again++) warm.push((await cpuOf(askOnce)).ms)
    }
    for (const times of [cold, warm]) times.sort((a, b) => a - b)
    table[name] = {
      found,
      'cold p50': quantile(cold, 0.5),
      'warm p50': quantile(warm, 0.5),
      'warm p99': quantile(warm, 0.99),
    }
  }
  opening.sort((a, b) => a - b)
  console.log(`opening the store: ${quantile(opening, 0.5)} ms`)
  console.table(table)
}

for (const spanDays of days) {
  const home = await mkdtemp(join(tmpdir(), 'pgherd-bench-growth-'))
  const directory = join(home, 'store', 'metrics')
  try {
    await mkdir(directory, { recursive: true })
    const filling = await cpuOf(async () => {
      await fill(directory, endMs - spanDays * day)
      return 0
    })
    const blocks = await readdir(join(directory, 'blocks'))
    await using store = await open(directory)
    const { blockBytes, blockSamples, headSamples } = store.stats()
    await store[Symbol.asyncDispose]()
    const million = (blockSamples + headSamples) / 1e6
    console.log(
      `\n${spanDays.toFixed(2)} days, ${million.toFixed(1)} M samples, ${blocks.length} blocks, ` +
        `${(blockBytes / Math.max(1, blockSamples)).toFixed(3)} bytes per sample, ` +
        `made with ${(filling.ms / 1000 / million).toFixed(2)} CPU s per M samples`,
    )
    if (!isHttpOnly) await measure(directory, spanDays)
    console.log('The newest hour, over HTTP:')
    console.table(await askCollector(home, endMs))
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}
