import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'

/** The result of a query, one of PromQL's four types. Times are milliseconds since the epoch. */
export type QueryValue =
  | { readonly kind: 'scalar'; readonly timestampMs: number; readonly value: number }
  | { readonly kind: 'string'; readonly timestampMs: number; readonly value: string }
  | {
      readonly kind: 'vector'
      readonly timestampMs: number
      readonly samples: readonly { readonly labels: LabelSet; readonly value: number }[]
    }
  | { readonly kind: 'matrix'; readonly series: readonly SeriesSamples[] }

export interface QueryAnswer {
  readonly value: QueryValue
  /** What the asker should know although there is a result; absent means nothing. */
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
  /** What was read from the store for it. */
  readonly fetched?: { readonly series: number; readonly samples: number }
}

export interface QueryOptions {
  /** Aborts when the client is gone or the deadline has passed; its reason is the error to throw. */
  readonly signal: AbortSignal
  /** What is left until the deadline: an engine that computes without yielding has to look at the time itself. */
  readonly timeoutMs: number
  /** How far back an instant selector looks, instead of the engine's own. */
  readonly lookbackMs?: number
  /** The step of an instant query, by which rollups without a window have theirs. */
  readonly askedStepMs?: number
}

/**
 * Answers PromQL.
 * @throws PgherdError QUERY_INVALID (the message carries line and column), QUERY_FAILED, QUERY_LIMIT,
 *   TIMED_OUT, CANCELLED
 */
export interface QueryService {
  instant(text: string, timeMs: number, options: QueryOptions): Promise<QueryAnswer>
  /** Both ends are included; the result is a matrix. */
  range(
    text: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    options: QueryOptions,
  ): Promise<QueryAnswer>
}
