/**
 * Child process of the crash test: appends until it is killed. Batch n has one sample for each of 50 series at
 * time n; "n" on standard output means that the store has acknowledged batch n.
 */
import { writeSync } from 'node:fs'
import { silentLog } from '../../../../common/log.ts'
import { openEmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'

const [directory, startText, firstText] = process.argv.slice(2)
const startMs = Number(startText)
const stepMs = 10_000
let nowMs = startMs + Number(firstText) * stepMs

const store = await openEmbeddedStore({
  directory: directory!,
  retentionMs: 365 * 86_400_000,
  windowMs: 600_000,
  slackMs: 60_000,
  maintainEveryMs: 0,
  clock: { now: () => nowMs, monotonic: () => performance.now(), sleep: () => Promise.resolve() },
  log: silentLog,
})
const refs = Uint32Array.from({ length: 50 }, (_, i) =>
  store.seriesRef(['__name__', 'crash', 'i', String(i)]),
)
const generation = store.refGeneration
const inFlight = 4
let batch = Number(firstText)

async function appendForEver(): Promise<never> {
  for (;;) {
    const mine = batch++
    nowMs = startMs + mine * stepMs
    const times = new Float64Array(50).fill(nowMs)
    await store.append(refs, times, new Float64Array(50).fill(mine), 50, generation)
    writeSync(1, `${mine}\n`)
    // Seals windows all the time, so that kills also fall into the making of a block.
    if (mine % 20 === 0) void store.maintain()
  }
}
await Promise.all(Array.from({ length: inFlight }, appendForEver))
