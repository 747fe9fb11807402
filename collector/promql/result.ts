import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'

/** Remarks about a query that was answered: texts as Prometheus writes them, with their position. */
export interface Remarks {
  /** "PromQL warning: ..." : the answer is probably not what was meant. */
  readonly warnings: readonly string[]
  /** "PromQL info: ..." : worth a look. */
  readonly infos: readonly string[]
}

export interface VectorSample {
  readonly labels: LabelSet
  readonly timeMs: number
  readonly value: number
}

export interface ScalarResult extends Remarks {
  readonly type: 'scalar'
  readonly timeMs: number
  readonly value: number
}

export interface StringResult extends Remarks {
  readonly type: 'string'
  readonly timeMs: number
  readonly value: string
}

export interface VectorResult extends Remarks {
  readonly type: 'vector'
  /** In the order of sort(), topk() and the like; otherwise by labels. */
  readonly samples: readonly VectorSample[]
}

export interface MatrixResult extends Remarks {
  readonly type: 'matrix'
  /** By labels; series without any sample are left out. */
  readonly series: readonly SeriesSamples[]
}

export type InstantResult = ScalarResult | StringResult | VectorResult | MatrixResult
export type RangeResult = MatrixResult
