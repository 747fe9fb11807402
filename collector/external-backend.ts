import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { accessOf } from '../common/config/access-options.ts'
import { PgherdError } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Backend, VectorElement } from './backend.ts'
import type { CollectorConfig } from './config.ts'
import { engineFigures } from './engine-figures.ts'
import type { QueryAnswer, QueryOptions } from './http/query-service.ts'
import { constantOf } from './promql/constant-of.ts'
import type { EngineMatrix, EngineVector } from './store/victoriametrics/queries.ts'
import { createQueryMemory, queryMemoryFigure } from './query-memory.ts'
import { openVictoriaMetrics } from './store/victoriametrics/open-victoriametrics.ts'

/** Beside the embedded store's directory, which stays as it is. */
const bufferDirectory = 'victoriametrics-buffer'

/**
 * A VictoriaMetrics as the collector's store. Queries are evaluated there, by MetricsQL.
 * @throws PgherdError DIRECTORY_LOCKED, DIRECTORY_UNUSABLE
 */
export async function openExternalBackend(
  config: CollectorConfig,
  parts: { readonly clock: Clock; readonly log: Log; readonly internalTimeoutMs: number },
): Promise<Backend> {
  const endpoints = (list: CollectorConfig['store.victoriametrics.insert']) =>
    list.map((one) => ({ url: one.url, ...accessOf(one) }))
  const insert = config['store.victoriametrics.insert']
  const select = config['store.victoriametrics.select']
  const engine = await openVictoriaMetrics({
    directory: join(config['store.directory'], bufferDirectory),
    maxBufferBytes: config['store.buffer_max_bytes'],
    insert: endpoints(insert),
    select: endpoints(select.length === 0 ? insert : select),
    tenant: config['store.victoriametrics.tenant'],
    limits: { maxSeries: config['query.max_series'], maxSamples: config['query.max_samples'] },
    timeoutMs: config['query.timeout'],
    clock: parts.clock,
    log: parts.log,
  })
  const timeoutMs = parts.internalTimeoutMs
  const memory = createQueryMemory(config['query.max_memory'])
  return {
    kind: 'victoriametrics',
    storage: engine.storage,
    query: {
      async instant(text, timeMs, options) {
        const constant = constantOf(text)
        if (constant?.type === 'string') {
          return { value: { kind: 'string', timestampMs: timeMs, value: constant.value } }
        }
        using account = memory.open()
        const result = await engine.queries.instant(text, timeMs, { ...options, reserve: account.reserve })
        return asAnswer(result, timeMs, constant?.type === 'scalar')
      },
      async range(text, startMs, endMs, stepMs, options: QueryOptions) {
        using account = memory.open()
        const limited = { ...options, reserve: account.reserve }
        const { series, warnings } = await engine.queries.range(text, startMs, endMs, stepMs, limited)
        return { warnings, value: { kind: 'matrix', series } }
      },
    },
    administration: engine.administration,
    cardinality: engine.cardinality,
    rules: {
      query: async (text, timeMs, signal) =>
        elementsOf(await engine.fresh.queries.instant(text, timeMs, { signal, timeoutMs })),
      append: (timestampMs, series, values) => engine.fresh.append(timestampMs, series, values),
      select: (matchers, fromMs, toMs, limits) => engine.fresh.select(matchers, fromMs, toMs, limits),
    },
    vector: async (text, timeMs, signal) =>
      elementsOf(await engine.queries.instant(text, timeMs, { signal, timeoutMs })),
    figures: [...engineFigures(() => engine.engineStats()), queryMemoryFigure(memory)],
  }
}

/** For the engine everything is a vector; what PromQL calls a scalar is told as one. */
function asAnswer(result: EngineVector | EngineMatrix, timestampMs: number, isScalar: boolean): QueryAnswer {
  const { warnings } = result
  if (result.kind === 'matrix') return { warnings, value: { kind: 'matrix', series: result.series } }
  if (isScalar) {
    return { warnings, value: { kind: 'scalar', timestampMs, value: result.samples[0]?.value ?? NaN } }
  }
  return { warnings, value: { kind: 'vector', timestampMs, samples: result.samples } }
}

function elementsOf(result: EngineVector | EngineMatrix): readonly VectorElement[] {
  if (result.kind === 'vector') return result.samples
  throw new PgherdError('QUERY_FAILED', 'the result is a matrix, not an instant vector or a scalar')
}

/** Whether samples were acknowledged for a VictoriaMetrics and not yet sent when `store.kind` was changed. */
export function hasUnsentSamples(config: CollectorConfig): boolean {
  const directory = join(config['store.directory'], bufferDirectory)
  return existsSync(directory) && readdirSync(directory).some((name) => name.endsWith('.segment'))
}
