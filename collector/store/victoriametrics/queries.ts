import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { engineError } from './engine-error.ts'
import { seconds } from './engine-times.ts'
import type { Failover } from './failover.ts'
import { readResult } from './read-result.ts'
import type { EngineResult } from './read-result.ts'

/** What a query must not exceed; each bounds the memory that its answer takes. */
export interface QueryLimits {
  readonly maxSeries: number
  readonly maxSamples: number
}

export interface QueryOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** No result rather than one in which storage nodes are missing: an alert must not end because of one. */
  readonly requireWhole?: boolean
  /** Sets aside the memory for an answer; throws when there is not so much. */
  readonly reserve?: (bytes: number) => void
  /** How far back an instant selector looks, instead of the engine's own. */
  readonly lookbackMs?: number
  /** The step of an instant query, by which rollups without a window have theirs. */
  readonly askedStepMs?: number
}

/** Elements of an instant vector; the time is the one asked for. */
export interface EngineVector {
  readonly kind: 'vector'
  readonly samples: readonly { readonly labels: LabelSet; readonly value: number }[]
  readonly warnings: readonly string[]
}

export interface EngineMatrix {
  readonly kind: 'matrix'
  readonly series: readonly SeriesSamples[]
  readonly warnings: readonly string[]
}

/**
 * PromQL and MetricsQL, evaluated by the engine.
 * @throws PgherdError QUERY_INVALID, QUERY_FAILED, QUERY_LIMIT, TIMED_OUT, CANCELLED, OVERLOADED, UNREACHABLE
 */
export interface EngineQueries {
  /** A matrix for a range selector, its raw samples. */
  instant(text: string, timeMs: number, options: QueryOptions): Promise<EngineVector | EngineMatrix>
  range(
    text: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    options: QueryOptions,
  ): Promise<EngineMatrix>
}

/** Results larger than this are refused, whatever the limits: many queries run at once. */
const maxAnswerBytes = 64 * 1024 * 1024
/** Of a sample in an answer: its time and its value. */
const bytesPerSample = 40
const bytesPerSeries = 2_048
/** What an answer and the series that are read from it take, by the size of its text. */
const bytesPerAnswerByte = 5
/** How long the engine's own report that the time is over may take. */
const graceMs = 500
const partial = 'the result is partial: some storage nodes of VictoriaMetrics did not answer'

export function createQueries(options: {
  readonly select: Pick<Failover, 'send'>
  /** In front of `query`. */
  readonly path: string
  readonly limits: QueryLimits
}): EngineQueries {
  const { select, limits } = options
  const answerBytes = Math.min(
    maxAnswerBytes,
    limits.maxSamples * bytesPerSample + limits.maxSeries * bytesPerSeries,
  )

  const ask = async (
    name: 'query' | 'query_range',
    parameters: Readonly<Record<string, string>>,
    { signal, timeoutMs, requireWhole, lookbackMs, reserve }: QueryOptions,
  ): Promise<EngineResult> => {
    const form = new URLSearchParams(parameters)
    form.set('timeout', `${Math.ceil(timeoutMs)}ms`)
    if (lookbackMs !== undefined) form.set('max_lookback', `${lookbackMs}ms`)
    if (requireWhole === true) form.set('deny_partial_response', '1')
    const answer = await select.send({
      method: 'POST',
      path: `${options.path}/${name}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      timeoutMs: timeoutMs + graceMs,
      signal,
      maxAnswerBytes: answerBytes,
    })
    if (answer.status !== 200) throw engineError(answer.status, answer.body)
    reserve?.(answer.body.length * bytesPerAnswerByte)
    return readResult(answer.body, { ...limits, signal })
  }

  return {
    async instant(text, timeMs, queryOptions) {
      // Without the cache a result is of the moment that was asked for, with the newest samples.
      const { askedStepMs } = queryOptions
      const step: Record<string, string> = askedStepMs === undefined ? {} : { step: `${askedStepMs}ms` }
      const parameters = { query: text, time: seconds(timeMs), nocache: '1', ...step }
      const { type, series, isPartial } = await ask('query', parameters, queryOptions)
      const warnings = isPartial ? [partial] : []
      if (type === 'matrix') return { kind: 'matrix', series, warnings }
      const samples = series.flatMap(({ labels, values }) =>
        values.length === 0 ? [] : [{ labels, value: values[0]! }],
      )
      return { kind: 'vector', samples, warnings }
    },
    async range(text, startMs, endMs, stepMs, queryOptions) {
      // With its cache it moves the times to multiples of the step, an end between two steps to the later one.
      const lastMs = startMs + Math.floor((endMs - startMs) / stepMs) * stepMs
      const isOnGrid = startMs % stepMs === 0
      const { series, isPartial } = await ask(
        'query_range',
        {
          query: text,
          start: seconds(startMs),
          end: seconds(lastMs),
          step: `${stepMs}ms`,
          // Newer versions show the newest samples when they are told to; older ones go by their flag.
          latency_offset: '1ms',
          ...(isOnGrid ? {} : { nocache: '1' }),
        },
        queryOptions,
      )
      return { kind: 'matrix', series, warnings: isPartial ? [partial] : [] }
    },
  }
}
