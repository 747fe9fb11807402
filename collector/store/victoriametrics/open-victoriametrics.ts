import type { Backoff } from '../../../common/backoff.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesCardinality, StoreAdministration } from '../../../common/store-administration.ts'
import type { Storage } from '../storage.ts'
import { createAdministration } from './administration.ts'
import { openBuffer } from './buffer.ts'
import type { BufferStats } from './buffer.ts'
import { createCapabilities, readStart } from './capabilities.ts'
import { createCardinality } from './cardinality.ts'
import { createSampleEncoder } from './encode-samples.ts'
import { engineError } from './engine-error.ts'
import { enginePaths } from './engine-paths.ts'
import { createFailover } from './failover.ts'
import type { Endpoint, FailoverStats } from './failover.ts'
import { createFreshReads } from './fresh-reads.ts'
import { joinPieces } from './join-pieces.ts'
import { createQueries } from './queries.ts'
import type { EngineQueries, QueryLimits } from './queries.ts'
import { createRawSamples } from './raw-samples.ts'
import { createSeriesLists } from './series-lists.ts'
import { createSeriesTable } from './series-table.ts'

export interface VictoriaMetricsOptions {
  /** Of the buffer; created if it does not exist. */
  readonly directory: string
  readonly maxBufferBytes: number
  /** Used one at a time, the first that is up. */
  readonly insert: readonly Endpoint[]
  readonly select: readonly Endpoint[]
  /** `accountID` or `accountID:projectID` of a cluster; undefined for a single node. */
  readonly tenant: string | undefined
  readonly limits: QueryLimits
  /** Deadline of a request that has none of its own. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log: Log
  /** Series whose labels are remembered for writing; 500,000 unless told. */
  readonly maxSeries?: number
  readonly backoff?: () => Backoff
}

const probeTimeoutMs = 5_000
/** Rules look at nothing while samples are older than this when they reach the engine. */
const maxBehindMs = 30_000

/** What is known about the way to the engine, for /metrics. */
export interface VictoriaMetricsStats extends BufferStats {
  readonly insert: FailoverStats
  readonly select: FailoverStats
  readonly samples: number
  readonly rememberedSeries: number
}

/**
 * What rules use in place of the storage: they find what they have written. While the engine lags behind they get an
 * error, for an alert must neither fire nor end because samples are still on their way.
 */
export interface FreshAccess {
  /** Durable when it resolves; one sample per series, all of one moment. */
  append(timestampMs: number, series: readonly LabelSet[], values: Float64Array): Promise<void>
  readonly queries: Pick<EngineQueries, 'instant'>
  select: Storage['select']
}

export interface VictoriaMetricsStore {
  readonly storage: Storage
  readonly queries: EngineQueries
  readonly administration: StoreAdministration
  readonly cardinality: SeriesCardinality
  readonly fresh: FreshAccess
  /** See `stats` of the storage for what a store of any kind tells. */
  engineStats(): VictoriaMetricsStats
}

/**
 * A VictoriaMetrics as the store: what is written waits in a buffer on disk until the engine has it, and is durable
 * when append() resolves; what is asked is asked of the engine. What append() took is found by select() and queries as
 * soon as the engine shows it, mostly within two seconds.
 * @throws PgherdError DIRECTORY_LOCKED, DIRECTORY_UNUSABLE
 */
export async function openVictoriaMetrics(options: VictoriaMetricsOptions): Promise<VictoriaMetricsStore> {
  const { clock, log, timeoutMs } = options
  await using stack = new AsyncDisposableStack()
  const paths = enginePaths(options.tenant)
  const shared = { clock, ...(options.backoff === undefined ? {} : { backoff: options.backoff }) }
  const insert = stack.use(
    createFailover({
      ...shared,
      endpoints: options.insert,
      // One for what is written, one for the look at the process that takes it.
      connections: 2,
      // A third of what the pusher gives a request: the next endpoint has time to take it.
      patienceMs: 10_000,
      log: log.child({ endpoints: 'insert' }),
    }),
  )
  const select = stack.use(
    createFailover({
      ...shared,
      endpoints: options.select,
      connections: 32,
      log: log.child({ endpoints: 'select' }),
    }),
  )
  const buffer = stack.use(
    await openBuffer({
      directory: options.directory,
      maxBytes: options.maxBufferBytes,
      send: (request) => insert.send(request),
      path: paths.write,
      startOf: async () => {
        const request = { method: 'GET', path: paths.metrics, timeoutMs: probeTimeoutMs } as const
        const { status, body } = await insert.send(request)
        if (status >= 500) throw engineError(status, body)
        return readStart(Buffer.from(body).toString('utf8'))
      },
      clock,
      log,
      ...(options.backoff === undefined ? {} : { backoff: options.backoff() }),
    }),
  )
  const capabilities = createCapabilities({ select, path: paths.metrics, clock, log })
  const queries = createQueries({ select, path: paths.api, limits: options.limits })
  const raw = createRawSamples({ select, path: paths.api, clock })
  const lists = createSeriesLists({ select, path: paths.api, timeoutMs, clock })
  const reads = createFreshReads({ buffer, select, flushPath: paths.flush, clock })
  const table = createSeriesTable(options.maxSeries ?? 500_000)
  const encode = createSampleEncoder((ref) => table.labels(ref))
  let samples = 0

  const appendMarked = async (
    refs: Uint32Array,
    timestamps: Float64Array,
    values: Float64Array,
    count: number,
  ): Promise<number> => {
    const mark = await buffer.append(encode(refs, timestamps, values, count))
    samples += count
    return mark
  }

  const selectSamples: Storage['select'] = async (matchers, fromMs, toMs, limits = {}) => {
    const pieces = raw([matchers], fromMs, toMs, { signal: limits.signal, timeoutMs })
    return await joinPieces(pieces, limits)
  }

  const storage: Storage = {
    ...lists,
    seriesRef: (labels) => table.ref(labels),
    get refGeneration() {
      return table.generation
    },
    async append(refs, timestamps, values, count, generation) {
      if (generation !== table.generation) {
        throw new PgherdError(
          'INTERNAL',
          `the refs are of generation ${generation}, which ended before append()`,
        )
      }
      await appendMarked(refs, timestamps, values, count)
      return { stored: count, duplicate: 0, outOfBounds: 0 }
    },
    select: selectSamples,
    stats: () => ({
      headSeries: 0,
      headSamples: 0,
      blocks: 0,
      blockSamples: 0,
      blockBytes: 0,
      logBytes: buffer.stats().spool.bytes,
      appendedSamples: samples,
      duplicateSamples: 0,
      outOfBoundsSamples: 0,
      corruptions: 0,
      minTimeMs: undefined,
      maxTimeMs: undefined,
    }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
  const opened = stack.move()
  // Its warnings are for the start, not for the first query.
  void capabilities()

  return {
    storage,
    queries,
    administration: createAdministration({
      select,
      paths,
      raw,
      capabilities,
      settle: (maxMs) => reads.settle(maxMs),
      letGo: () => buffer.letGo(),
    }),
    cardinality: createCardinality({ select, path: paths.api, timeoutMs, clock }),
    fresh: {
      async append(timestampMs, series, values) {
        const refs = Uint32Array.from(series, (labels) => table.ref(labels))
        const timestamps = new Float64Array(series.length).fill(timestampMs)
        reads.wrote(series, await appendMarked(refs, timestamps, values, series.length))
      },
      queries: {
        async instant(text, timeMs, queryOptions) {
          const behindMs = buffer.behindMs()
          if (behindMs > maxBehindMs) {
            throw new PgherdError(
              'UNREACHABLE',
              `VictoriaMetrics does not yet show the samples of the last ${Math.round(behindMs / 1000)} s`,
            )
          }
          await reads.before(text, queryOptions.signal)
          return queries.instant(text, timeMs, { ...queryOptions, requireWhole: true })
        },
      },
      async select(matchers, fromMs, toMs, limits) {
        if (!(await reads.settle(timeoutMs, limits?.signal))) {
          throw new PgherdError('UNREACHABLE', 'VictoriaMetrics has not yet taken what waits in the buffer')
        }
        return selectSamples(matchers, fromMs, toMs, limits)
      },
    },
    engineStats: () => ({
      ...buffer.stats(),
      insert: insert.stats(),
      select: select.stats(),
      samples,
      rememberedSeries: table.size,
    }),
  }
}
