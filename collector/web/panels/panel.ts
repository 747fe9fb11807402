import type { Unit } from '../format/units.ts'

/**
 * A chart as data, in the terms of a dashboard: expressions are PromQL with the variables `$cls`, `$ins`,
 * `$by` (see query/variables.ts) and `$__rate_interval`; a legend names its labels as `{{label}}`.
 */
export interface Panel {
  /** Unique within a board; part of element ids. */
  readonly id: string
  readonly title: string
  /** One or two sentences: what is measured, and what to make of it. */
  readonly description: string
  readonly unit: Unit
  readonly kind: PanelKind
  readonly queries: readonly PanelQuery[]
  /** Why there may be nothing to show while the agent is fine. */
  readonly whenEmpty: string
  /** The top of the value axis where it is known, such as 1 for a share of a whole. */
  readonly top?: number
  /** Whether the value axis starts at zero; true unless said otherwise. */
  readonly fromZero?: boolean
  /** Leaves out series that were zero all the time: of many possible states most never occur. */
  readonly withoutZeros?: boolean
  /** Of a timeline: what its values stand for. */
  readonly states?: ReadonlyMap<number, State>
}

/** One state of a timeline; the tone is its colour. */
export interface State {
  readonly text: string
  readonly tone: 'good' | 'calm' | 'bad'
}

/** `timeline` draws one bar per series whose colour changes with the state that the value stands for. */
export type PanelKind = 'lines' | 'stack' | 'timeline'

export interface PanelQuery {
  readonly expr: string
  readonly legend: string
}

export interface Section {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Board {
  readonly title: string
  readonly sections: readonly Section[]
}

/** Restricts a selector to the nodes in scope. */
export const inScope = 'cls=~"$cls",ins=~"$ins"'

/** A line per `$by`, the usual form of a query. */
export function byScope(expr: string): readonly PanelQuery[] {
  return [{ expr, legend: '{{$by}}' }]
}
