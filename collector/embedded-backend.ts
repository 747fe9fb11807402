import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import { createAppendSamples } from './append-samples.ts'
import type { Backend } from './backend.ts'
import type { CollectorConfig } from './config.ts'
import { countingSelections } from './counting-selections.ts'
import { createEngine } from './promql/engine.ts'
import { asQueryAnswer, asVector } from './query-answers.ts'
import { createQueryMemory, queryMemoryFigure } from './query-memory.ts'
import { storeFigures } from './store-figures.ts'
import { openEmbeddedStore } from './store/embedded/embedded-store.ts'

/**
 * The collector's own store with its own engine.
 * @throws PgherdError DIRECTORY_LOCKED, DIRECTORY_UNUSABLE
 */
export async function openEmbeddedBackend(
  config: CollectorConfig,
  parts: { readonly clock: Clock; readonly log: Log; readonly internalTimeoutMs: number },
): Promise<Backend> {
  const store = await openEmbeddedStore({
    directory: join(config['store.directory'], 'metrics'),
    retentionMs: config['store.retention'],
    ...(config['store.max_bytes'] === undefined ? {} : { maxBytes: config['store.max_bytes'] }),
    maxSeries: config['store.max_series'],
    maxNewSeriesPerHour: config['store.max_new_series_per_hour'] ?? Infinity,
    maxHeadBytes: config['store.max_head_bytes'],
    clock: parts.clock,
    log: parts.log,
  })
  const engine = createEngine({
    maxSamples: config['query.max_samples'],
    maxSeries: config['query.max_series'],
  })
  const memory = createQueryMemory(config['query.max_memory'])
  const vector: Backend['vector'] = async (text, timeMs, signal) => {
    using account = memory.open()
    const options = { signal, timeoutMs: parts.internalTimeoutMs, reserve: account.reserve }
    return asVector(await engine.instant(store, text, timeMs, options))
  }
  return {
    kind: 'embedded',
    storage: store,
    query: {
      instant: async (text, timeMs, options) => {
        using account = memory.open()
        const counted = countingSelections(store)
        const limited = { ...options, reserve: account.reserve }
        return asQueryAnswer(await engine.instant(counted, text, timeMs, limited), counted.fetched)
      },
      range: async (text, startMs, endMs, stepMs, options) => {
        using account = memory.open()
        const counted = countingSelections(store)
        const limited = { ...options, reserve: account.reserve }
        const result = await engine.range(counted, text, startMs, endMs, stepMs, limited)
        return asQueryAnswer(result, counted.fetched)
      },
    },
    administration: store,
    cardinality: store,
    rules: {
      query: vector,
      append: createAppendSamples(store),
      select: (matchers, fromMs, toMs) => store.select(matchers, fromMs, toMs),
    },
    vector,
    figures: [...storeFigures(() => store.stats()), queryMemoryFigure(memory)],
  }
}
