import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesCardinality, StoreAdministration } from '../../../common/store-administration.ts'
import type { Storage } from '../storage.ts'
import { createBlockReader } from './block/block-reader.ts'
import { createAdmission } from './admission.ts'
import { admitSeries } from './admit-series.ts'
import { findLabelNames, findLabelValues, findSeries } from './browse.ts'
import { countCardinality } from './cardinality.ts'
import { commitGroup } from './commit-group.ts'
import { createCommitter } from './committer.ts'
import type { Committer } from './committer.ts'
import { deleteSeries } from './deletion/delete-series.ts'
import { exportSeries } from './export/export-series.ts'
import { nodeDisk } from './disk.ts'
import { prepareDirectories } from './files.ts'
import { noteFormat, refuseNewerStore } from './format-version.ts'
import { createActivity } from './index/activity.ts'
import { createRefSelector } from './index/select-refs.ts'
import { createSeriesTable } from './index/series-table.ts'
import { lockDirectory } from '../../../common/lock-directory.ts'
import type { SelectLimits } from '../../../common/series/select-limits.ts'
import { createMaintenance } from './maintenance.ts'
import type { Maintenance } from './maintenance.ts'
import { defaults } from './options.ts'
import type { EmbeddedStoreOptions } from './options.ts'
import { recover } from './recover.ts'
import { createRetentionClock } from './retention-clock.ts'
import { createSnapshot, deleteSnapshot, listSnapshots } from './snapshot/snapshot-files.ts'
import type { Scope } from './scope.ts'
import { selectSamples } from './select.ts'
import type { StoreState } from './state.ts'
import { collectStats } from './stats.ts'

/** The embedded store. Disposing closes it without sealing: the logs bring everything back. */
export interface EmbeddedStore extends Storage, StoreAdministration, SeriesCardinality {
  /** Seals windows that are over, applies the retention. Runs by itself every `maintainEveryMs`. */
  maintain(): Promise<void>
}

/** A series must fit into one log record. */
const maxLabelCharacters = 1 << 20

/**
 * Opens or creates the store in a directory and replays its logs.
 * @throws PgherdError DIRECTORY_LOCKED, DIRECTORY_UNUSABLE, CONFIG_INVALID
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const settings = { ...defaults, ...options }
  checkWindow(settings.windowMs)
  const paths = await prepareDirectories(options.disk ?? nodeDisk, options.directory)
  await using opening = new AsyncDisposableStack()
  opening.use(await lockDirectory(options.directory))
  const stop = new AbortController()
  const state = createState(settings, paths, stop.signal)
  opening.defer(() => closeLogs(state))
  try {
    await refuseNewerStore(state.disk, paths)
    await recover(state)
    await noteFormat(state.disk, paths)
    const { clockPatienceMs, clock } = state.options
    state.retentionNow = createRetentionClock(clock, clockPatienceMs, collectStats(state).maxTimeMs)
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot use ${options.directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  // The two need each other: commits ask maintenance for room, maintenance changes windows between commits.
  const committer: Committer = createCommitter(async (requests) => {
    await maintenance.relieve()
    return await commitGroup(state, requests)
  })
  const maintenance: Maintenance = createMaintenance(state, () => committer)
  const loop = runRegularly(maintenance, state)
  const owned = opening.move()
  return {
    ...queries(state),
    seriesRef: (labels) => admitSeries(state, checkedLabels(labels)),
    get refGeneration() {
      return state.refGeneration
    },
    async append(refs, timestamps, values, count, generation) {
      if (stop.signal.aborted) throw new PgherdError('INTERNAL', 'the store is closed')
      checkGeneration(generation, state.refGeneration)
      checkRefs(refs, count, state.table.count)
      const result = await committer.append({
        refs: refs.subarray(0, count),
        timestamps: timestamps.subarray(0, count),
        values: values.subarray(0, count),
      })
      state.counters.appended += result.stored
      state.counters.duplicates += result.duplicate
      state.counters.outOfBounds += result.outOfBounds
      return result
    },
    exportSeries: (selectors, fromMs, toMs, signal) =>
      exportSeries(state, selectors, Math.ceil(fromMs), Math.floor(toMs), signal),
    deleteSeries: (selectors) => deleteSeries(state, committer, maintenance, selectors),
    createSnapshot: () => maintenance.exclusively(() => createSnapshot(state)),
    listSnapshots: () => maintenance.exclusively(() => listSnapshots(state)),
    deleteSnapshot: (name) => maintenance.exclusively(() => deleteSnapshot(state, name)),
    cardinality: (wanted) => countCardinality(state, wanted),
    stats: () => collectStats(state),
    maintain: () => maintenance.run(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await loop
      await committer.idle()
      await maintenance.idle()
      await owned.disposeAsync()
    },
  }
}

function createState(
  settings: StoreState['options'] & EmbeddedStoreOptions,
  paths: StoreState['paths'],
  closing: AbortSignal,
): StoreState {
  const disk = settings.disk ?? nodeDisk
  const state: StoreState = {
    paths,
    options: settings,
    disk,
    table: createSeriesTable(),
    activity: createActivity(),
    refGeneration: 0,
    admission: createAdmission(),
    selector: createRefSelector(),
    reader: createBlockReader({
      disk,
      clock: settings.clock,
      indexCacheBytes: settings.indexCacheBytes,
      pageCacheBytes: settings.pageCacheBytes,
      onBadPage(block, page) {
        state.counters.corruptions++
        settings.log.error({ path: block.path, page }, 'a page of a block fails its checksum and is skipped')
      },
    }),
    closing,
    retentionNow: () => settings.clock.now(),
    counters: { appended: 0, duplicates: 0, outOfBounds: 0, corruptions: 0 },
    windows: [],
    blocks: [],
    tombstones: [],
    generations: new Map(),
  }
  return state
}

function queries(state: StoreState): Pick<Storage, 'select' | 'series' | 'labelNames' | 'labelValues'> {
  return {
    select: (matchers, fromMs, toMs, limits = {}) =>
      selectSamples(state, matchers, Math.ceil(fromMs), Math.floor(toMs), limits),
    series: (...scope) => findSeries(state, scopeOf(...scope)),
    labelNames: (...scope) => findLabelNames(state, scopeOf(...scope)),
    labelValues: (name, ...scope) => findLabelValues(state, name, scopeOf(...scope)),
  }
}

function scopeOf(
  selectors: Scope['selectors'],
  fromMs: number,
  toMs: number,
  limits: SelectLimits = {},
): Scope {
  return { selectors, fromMs: Math.ceil(fromMs), toMs: Math.floor(toMs), limits }
}

async function runRegularly(maintenance: Maintenance, state: StoreState): Promise<void> {
  const { clock, log, maintainEveryMs } = state.options
  if (maintainEveryMs === 0) return
  for (;;) {
    await clock.sleep(maintainEveryMs, state.closing)
    if (state.closing.aborted) return
    try {
      await maintenance.runBesideMerges()
    } catch (error) {
      log.error({ err: error }, 'the maintenance of the store failed')
    }
  }
}

async function closeLogs(state: StoreState): Promise<void> {
  for (const { log } of state.windows) await log.handle.close()
}

function checkWindow(windowMs: number): void {
  // Offsets inside a window are 32-bit milliseconds.
  if (Number.isInteger(windowMs) && windowMs >= 1000 && windowMs <= 2 ** 31) return
  throw new PgherdError('CONFIG_INVALID', `a store window of ${windowMs} ms is not between 1 s and 24 days`)
}

function checkedLabels(labels: LabelSet): LabelSet {
  let characters = 0
  for (const label of labels) characters += label.length
  if (characters <= maxLabelCharacters) return labels
  throw new PgherdError('BAD_DATA', `a series has more than ${maxLabelCharacters} characters of labels`)
}

/** Under the numbers of forgotten series others may be known by now. */
function checkGeneration(generation: number, current: number): void {
  if (generation === current) return
  throw new PgherdError(
    'INTERNAL',
    `the refs are of generation ${generation}, which ended before append(); it is ${current} now`,
  )
}

function checkRefs(refs: Uint32Array, count: number, known: number): void {
  for (let i = 0; i < count; i++) {
    if (refs[i]! >= known) throw new PgherdError('INTERNAL', `seriesRef() never returned ${refs[i]!}`)
  }
}
