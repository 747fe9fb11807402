import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect } from 'vitest'
import { PgherdError, systemCodeOf } from '../../../../common/errors.ts'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import { createPowerDisk } from './power-disk.ts'
import type { PowerDisk } from './power-disk.ts'
import {
  appendSamples,
  createManualClock,
  everything,
  metric,
  minute,
  named,
  openTestStore,
  windowStart,
} from './test-store.ts'
import type { ManualClock, Sample } from './test-store.ts'

const windowMs = 10 * minute
const retentionMs = 4 * windowMs
const seriesNames = ['a', 'b', 'c', 'd', 'e', 'f']

/** Series and time to value. */
type Model = Map<string, number>

/**
 * What nobody was told: of the operation that the power cut met, and of those that a full disk refused. A refused one
 * leaves bytes or names that are taken back, and the cut may undo the taking back.
 */
interface Uncertain {
  /** Older samples may have been removed by the retention. */
  horizonMs: number
  readonly values: Map<string, Set<number>>
  readonly mayBeGone: Set<string>
}

/** What each snapshot that was acknowledged has to have. */
type Snapshots = Map<string, { readonly model: Model; readonly uncertain: Uncertain }>

export interface PowerLossResult {
  readonly acknowledged: number
  readonly deleted: number
  readonly snapshots: number
  readonly blocks: number
}

/**
 * Lets a store live through random work and random power cuts, and compares it with a map after each: every
 * acknowledged sample is there with its value, and nothing that nobody wrote.
 */
export async function runPowerLoss(options: {
  readonly seed: number
  /** An empty directory, for the locks. */
  readonly path: string
  readonly cuts: number
}): Promise<PowerLossResult> {
  const random = createRandom(options.seed)
  const clock = createManualClock(windowStart)
  let disk = createPowerDisk(random)
  await disk.makeDirectory(options.path)
  for (let above = options.path; above !== '/'; above = dirname(above))
    await disk.syncDirectory(dirname(above))
  let model: Model = new Map()
  const snapshots: Snapshots = new Map()
  const totals = { acknowledged: 0, deleted: 0, snapshots: 0, blocks: 0 }
  for (let cut = 0; cut < options.cuts; cut++) {
    const life = createLife({ random, clock, disk, path: options.path, model, snapshots, totals })
    const uncertain = await life.untilCut()
    disk = disk.survivor()
    const store = await open(disk, options.path, clock)
    try {
      model = await checked(store, model, uncertain, `seed ${options.seed}, cut ${cut}`)
      totals.blocks += store.stats().blocks
      await checkSnapshots(store, disk, snapshots, clock, `seed ${options.seed}, cut ${cut}`)
    } finally {
      await store[Symbol.asyncDispose]()
    }
  }
  return totals
}

function open(disk: PowerDisk, path: string, clock: ManualClock): Promise<EmbeddedStore> {
  return openTestStore(path, clock, { disk, windowMs, retentionMs, slackMs: minute, futureMs: windowMs })
}

interface Life {
  readonly random: () => number
  readonly clock: ManualClock
  readonly disk: PowerDisk
  readonly path: string
  readonly model: Model
  readonly snapshots: Snapshots
  readonly totals: { acknowledged: number; deleted: number; snapshots: number }
}

function createLife({ random, clock, disk, path, model, snapshots, totals }: Life): {
  untilCut(): Promise<Uncertain>
} {
  const uncertain: Uncertain = { horizonMs: 0, values: new Map(), mayBeGone: new Set() }
  let value = totals.acknowledged * 1000
  const append = async (store: EmbeddedStore): Promise<void> => {
    const oldest = Math.max(windowStart, clock.nowMs - retentionMs)
    const count = 1 + Math.floor(random() ** 3 * 300)
    const samples = Array.from({ length: count }, (): Sample => {
      const age = random() < 0.7 ? random() * minute : random() * (clock.nowMs - oldest)
      const name = seriesNames[Math.floor(random() * seriesNames.length)]!
      return [metric(name), Math.max(oldest, Math.floor(clock.nowMs - age)), value++ / 7]
    })
    const written = samples.map(([labels, at, number]) => [`${labels[1]} ${at}`, number] as const)
    for (const [key, number] of written) {
      uncertain.values.set(key, (uncertain.values.get(key) ?? new Set()).add(number))
    }
    await appendSamples(store, samples)
    for (const [key, number] of written) {
      model.set(key, number)
      uncertain.values.delete(key)
      uncertain.mayBeGone.delete(key)
    }
    totals.acknowledged += count
  }
  const remove = async (store: EmbeddedStore): Promise<void> => {
    const name = seriesNames[Math.floor(random() * seriesNames.length)]!
    const keys = [...model.keys()].filter((key) => key.startsWith(`${name} `))
    for (const key of keys) uncertain.mayBeGone.add(key)
    await store.deleteSeries([named(name)])
    for (const key of keys) model.delete(key)
    totals.deleted++
  }
  const snapshot = async (store: EmbeddedStore): Promise<void> => {
    const { name } = await store.createSnapshot()
    snapshots.set(name, {
      model: new Map(model),
      uncertain: {
        horizonMs: clock.nowMs - retentionMs,
        values: new Map(uncertain.values),
        mayBeGone: new Set(uncertain.mayBeGone),
      },
    })
    totals.snapshots++
  }
  const step = async (store: EmbeddedStore): Promise<void> => {
    const choice = random()
    if (choice < 0.55) await append(store)
    else if (choice < 0.75) {
      clock.nowMs += Math.floor(random() * windowMs)
      await store.maintain()
    } else if (choice < 0.87) await remove(store)
    else if (choice < 0.92) await snapshot(store)
    else disk.fullness = random() < 0.3 ? 0.3 : 0
  }
  return {
    async untilCut() {
      disk.cutAfter(5 + Math.floor(random() ** 2 * 400))
      let store: EmbeddedStore | undefined
      try {
        store = await open(disk, path, clock)
        while (!disk.isCut) {
          try {
            await step(store)
          } catch (error) {
            if (!isPowerGone(disk) && !isRefusal(error)) throw error
          }
        }
      } catch (error) {
        // Opening may meet the cut as well.
        if (store !== undefined || !isPowerGone(disk)) throw error
      }
      try {
        await store?.[Symbol.asyncDispose]()
      } catch {
        // Without power nothing can be closed.
      }
      uncertain.horizonMs = clock.nowMs - retentionMs
      return uncertain
    },
  }
}

async function contentOf(store: EmbeddedStore): Promise<Model> {
  const found: Model = new Map()
  for (const { labels, timestamps, values } of await store.select(everything, 0, Number.MAX_SAFE_INTEGER)) {
    for (const [i, at] of timestamps.entries()) found.set(`${labels[1]} ${at}`, values[i]!)
  }
  return found
}

/** Compares, and returns what there is: the model of the next life. */
async function checked(
  store: EmbeddedStore,
  model: Model,
  { horizonMs, values, mayBeGone }: Uncertain,
  what: string,
): Promise<Model> {
  const found = await contentOf(store)
  const mayBe = (key: string, value: number | undefined): boolean => {
    // Of what the retention has removed any generation may come back, until it is removed again.
    if (Number(key.split(' ')[1]) < horizonMs) return true
    if (value === undefined) return mayBeGone.has(key)
    return value === model.get(key) || values.get(key)?.has(value) === true
  }
  const lost = [...model].filter(([key]) => !mayBe(key, found.get(key)))
  expect(lost, `${what}: acknowledged and lost or changed`).toEqual([])
  const foreign = [...found].filter(([key, value]) => !mayBe(key, value))
  expect(foreign, `${what}: never written`).toEqual([])
  return found
}

async function checkSnapshots(
  store: EmbeddedStore,
  disk: PowerDisk,
  snapshots: Snapshots,
  clock: ManualClock,
  what: string,
): Promise<void> {
  const listed = await store.listSnapshots()
  const names = listed.map(({ name }) => name)
  expect(names, `${what}: snapshots`).toEqual(expect.arrayContaining([...snapshots.keys()]))
  for (const { name, path } of listed) {
    await mkdir(path, { recursive: true })
    await using copy = await open(disk, path, clock)
    const expected = snapshots.get(name)
    if (expected !== undefined) await checked(copy, expected.model, expected.uncertain, `${what}: ${name}`)
  }
}

/** DISK_FULL from what was asked for, ENOSPC from maintenance. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof PgherdError ? error.code : systemCodeOf(error)
  return code === 'DISK_FULL' || code === 'ENOSPC'
}

function isPowerGone(disk: PowerDisk): boolean {
  return disk.isCut
}

/** Mulberry32 (Tommy Ettinger, public domain). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
