import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'
import { openEmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import type { EmbeddedStoreOptions } from '../../../../collector/store/embedded/options.ts'
import type { AppendResult } from '../../../../collector/store/storage.ts'

export const minute = 60_000
export const hour = 3_600_000

/** Start of a two-hour window, in the middle of 2024. */
export const windowStart = 1_720_000_800_000 - (1_720_000_800_000 % (2 * hour))

export interface ManualClock extends Clock {
  nowMs: number
}

export function createManualClock(nowMs: number): ManualClock {
  const clock: ManualClock = {
    nowMs,
    now: () => clock.nowMs,
    monotonic: () => performance.now(),
    sleep: () => Promise.resolve(),
  }
  return clock
}

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

export async function createTemporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'pgherd-store-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A store whose maintenance runs only when the test calls it. */
export function openTestStore(
  directory: string,
  clock: Clock,
  options: Partial<EmbeddedStoreOptions> = {},
): Promise<EmbeddedStore> {
  return openEmbeddedStore({
    directory,
    clock,
    log: silentLog,
    retentionMs: 30 * 24 * hour,
    maintainEveryMs: 0,
    clockPatienceMs: 0,
    ...options,
  })
}

export type Sample = readonly [labels: LabelSet, timestampMs: number, value: number]

export function appendSamples(store: EmbeddedStore, samples: readonly Sample[]): Promise<AppendResult> {
  return store.append(
    Uint32Array.from(samples, ([labels]) => store.seriesRef(labels)),
    Float64Array.from(samples, ([, time]) => time),
    Float64Array.from(samples, ([, , value]) => value),
    samples.length,
    store.refGeneration,
  )
}

export function metric(name: string, labels: Readonly<Record<string, string>> = {}): LabelSet {
  return labelSet({ __name__: name, ...labels })
}

export function named(name: string): Matcher[] {
  return [{ name: '__name__', operator: '=', value: name }]
}

export const everything: Matcher[] = [{ name: '__name__', operator: '=~', value: '.*' }]

/** Times and values of the one series that the matchers select; nothing when there is none. */
export async function readOne(
  store: EmbeddedStore,
  matchers: readonly Matcher[],
  fromMs = 0,
  toMs = Number.MAX_SAFE_INTEGER,
): Promise<[number, number][]> {
  const found = await store.select(matchers, fromMs, toMs)
  if (found.length > 1) throw new Error(`${found.length} series match, one was expected`)
  const [series] = found
  if (series === undefined) return []
  return Array.from(series.timestamps, (time, i) => [time, series.values[i]!])
}
