import type { Figure } from '../common/self-metrics.ts'
import type { LabelSet } from '../common/series/label-set.ts'
import type { QueryService } from './http/query-service.ts'
import type { SeriesCardinality, StoreAdministration } from '../common/store-administration.ts'
import type { Storage } from './store/storage.ts'

/**
 * A store with what evaluates queries over it: the parts of the collector that depend on `store.kind`. The rest of it
 * does not notice the difference.
 */
export interface Backend {
  readonly kind: 'embedded' | 'victoriametrics'
  readonly storage: Storage
  readonly query: QueryService
  readonly administration: StoreAdministration | undefined
  readonly cardinality: SeriesCardinality | undefined
  /** What rules work with: they find what they have just written. */
  readonly rules: {
    /** Evaluates an expression whose result is an instant vector or a scalar. */
    query(text: string, timeMs: number, signal: AbortSignal): Promise<readonly VectorElement[]>
    append(timestampMs: number, series: readonly LabelSet[], values: Float64Array): Promise<void>
    readonly select: Storage['select']
  }
  /** The same for nodes and the like, which need nothing of what was written in the last second. */
  vector(text: string, timeMs: number, signal: AbortSignal): Promise<readonly VectorElement[]>
  readonly figures: readonly Figure[]
}

export interface VectorElement {
  readonly labels: LabelSet
  readonly value: number
}
