import type { LabelSet } from '../common/series/label-set.ts'
import type { SeriesSamples } from '../common/series/samples.ts'
import { PgherdError } from '../common/errors.ts'

/** What the engine gives. */
interface Remarks {
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}
type EngineResult = Remarks &
  (
    | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number }
    | { readonly type: 'string'; readonly timeMs: number; readonly value: string }
    | {
        readonly type: 'vector'
        readonly samples: readonly {
          readonly labels: LabelSet
          readonly timeMs: number
          readonly value: number
        }[]
      }
    | { readonly type: 'matrix'; readonly series: readonly SeriesSamples[] }
  )

/** What the HTTP API takes. */
interface QueryAnswer extends Remarks {
  readonly fetched: { readonly series: number; readonly samples: number }
  readonly value:
    | { readonly kind: 'scalar'; readonly timestampMs: number; readonly value: number }
    | { readonly kind: 'string'; readonly timestampMs: number; readonly value: string }
    | {
        readonly kind: 'vector'
        readonly timestampMs: number
        readonly samples: readonly { readonly labels: LabelSet; readonly value: number }[]
      }
    | { readonly kind: 'matrix'; readonly series: readonly SeriesSamples[] }
}

/** The engine's result in the words of the HTTP API. */
export function asQueryAnswer(result: EngineResult, fetched: QueryAnswer['fetched']): QueryAnswer {
  const { warnings, infos } = result
  switch (result.type) {
    case 'scalar':
      return {
        warnings,
        infos,
        fetched,
        value: { kind: 'scalar', timestampMs: result.timeMs, value: result.value },
      }
    case 'string':
      return {
        warnings,
        infos,
        fetched,
        value: { kind: 'string', timestampMs: result.timeMs, value: result.value },
      }
    case 'vector': {
      const timestampMs = result.samples[0]?.timeMs ?? 0
      return { warnings, infos, fetched, value: { kind: 'vector', timestampMs, samples: result.samples } }
    }
    case 'matrix':
      return { warnings, infos, fetched, value: { kind: 'matrix', series: result.series } }
  }
}

/**
 * An instant vector for rules; a scalar counts as one sample without labels, as in Prometheus.
 * @throws PgherdError QUERY_FAILED for a string or a range vector
 */
export function asVector(result: EngineResult): readonly { labels: LabelSet; value: number }[] {
  switch (result.type) {
    case 'vector':
      return result.samples
    case 'scalar':
      return [{ labels: [], value: result.value }]
    case 'string':
    case 'matrix':
      throw new PgherdError(
        'QUERY_FAILED',
        `the result is a ${result.type}, not an instant vector or a scalar`,
      )
  }
}
