import type { LabelSet } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { Edges } from '../syntax/ast.ts'

/** The times at which an expression is evaluated: startMs, startMs + stepMs, ... `count` of them. */
export interface Grid {
  readonly startMs: number
  readonly stepMs: number
  readonly count: number
}

/** One number per step. */
export interface Scalar {
  readonly kind: 'scalar'
  readonly values: Float64Array
}

export interface Text {
  readonly kind: 'string'
  readonly value: string
}

/**
 * An instant vector at all steps at once: series i at step k is values[i * steps + k], where present[...] is 1.
 * Whole columns in two arrays, because every operator is then one loop without an object per sample. Immutable:
 * an operator that changes nothing in an array may hand it on. Labels are distinct: an operator that could make two
 * sets equal merges them.
 */
export interface Vector {
  readonly kind: 'vector'
  readonly steps: number
  readonly labels: readonly LabelSet[]
  readonly values: Float64Array
  readonly present: Uint8Array
  /** 1 where the name is to be removed from the result (delayed name removal only). */
  readonly dropName: Uint8Array
}

/** The samples that windows slide over; no stale markers among them. */
export interface RangeSeries extends SeriesSamples {
  /** As in Vector. */
  readonly dropName?: boolean
}

/** A range vector at all steps: the window of step k is (end - rangeMs, end], end = firstEndMs + k * stepMs. */
export interface RangeVector {
  readonly kind: 'matrix'
  readonly series: readonly RangeSeries[]
  readonly firstEndMs: number
  /** 0 when an @ modifier pins the window. */
  readonly stepMs: number
  readonly rangeMs: number
  readonly edges: Edges
  readonly grid: Grid
}

export type Value = Scalar | Text | Vector | RangeVector

/** An empty frame for `series` x `steps` cells. */
export function allocateVector(labels: readonly LabelSet[], steps: number, dropName?: Uint8Array): Vector {
  return {
    kind: 'vector',
    steps,
    labels,
    values: new Float64Array(labels.length * steps),
    present: new Uint8Array(labels.length * steps),
    dropName: dropName ?? new Uint8Array(labels.length),
  }
}

export function emptyVector(steps: number): Vector {
  return allocateVector([], steps)
}

/** The same value at every one of `steps` steps; the input has one step. */
export function broadcast(value: Value, steps: number): Value {
  switch (value.kind) {
    case 'scalar':
      return { kind: 'scalar', values: new Float64Array(steps).fill(value.values[0]!) }
    case 'vector': {
      const out = allocateVector(value.labels, steps, value.dropName)
      for (let i = 0; i < value.labels.length; i++) {
        out.values.fill(value.values[i]!, i * steps, (i + 1) * steps)
        out.present.fill(value.present[i]!, i * steps, (i + 1) * steps)
      }
      return out
    }
    case 'string':
    case 'matrix':
      return value
  }
}
