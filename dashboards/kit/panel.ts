import type { Colour, Tone } from './palette.ts'
import type { DrillDown } from './links.ts'
import type { Unit } from './units.ts'

/** A query of a panel; `legend` names its labels as `{{label}}`. */
export interface Query {
  readonly expr: string
  readonly legend?: string
  /** What is asked over long ranges, where the same over recorded series would not do; selects by `whenLong`. */
  readonly recorded?: string
}

/** From this value on it is told by the colour; below the first step it is good, or calm where there is no bad. */
export interface Step {
  readonly from: number
  readonly tone: Tone
}

interface Common {
  readonly title: string
  /** One or two sentences: what is measured, and what to make of it. */
  readonly description: string
  /** Why there may be nothing to show while all is well, or what is lacking. */
  readonly noValue: string
  readonly unit: Unit
  /** Columns of the grid's 24, and rows of 30 pixels. */
  readonly width: number
  readonly height: number
  readonly queries: readonly Query[]
  /** The tone below the first step; good unless told. */
  readonly base?: Tone
  readonly steps?: readonly Step[]
  readonly min?: number
  readonly max?: number
  readonly decimals?: number
  /** Where a click on a series leads. */
  readonly link?: DrillDown
}

/** Lines, or areas on top of each other. */
export interface Lines extends Common {
  readonly kind: 'lines'
  readonly stack?: boolean
  /** Colours of series by their whole name. */
  readonly colours?: Readonly<Record<string, Colour>>
  /** Series whose names match are drawn below zero. */
  readonly mirrored?: string
  /** Powers of this between two lines of the grid, for values of very different size. */
  readonly log?: 2 | 10
}

/** The newest value, large; more than one where the query has more series. */
export interface Stat extends Common {
  readonly kind: 'stat'
  readonly states?: readonly State[]
  /** Whether the values of the range are drawn behind. */
  readonly sparkline?: boolean
  /** Prints the name of the series in place of its value. */
  readonly nameOnly?: boolean
}

/** A bar per series, longest first where the query sorts. */
export interface Bars extends Common {
  readonly kind: 'bars'
}

export interface Gauge extends Common {
  readonly kind: 'gauge'
}

/** What a value of a state stands for. */
export interface State {
  readonly value: number
  readonly text: string
  readonly tone: Tone
}

/** A bar per series over time, whose colour is the state that its value stands for. */
export interface Timeline extends Common {
  readonly kind: 'timeline'
  readonly states: readonly State[]
}

/** How often values were in each bucket of a histogram, over time: the query gives series by `le`. */
export interface Heatmap extends Common {
  readonly kind: 'heatmap'
}

/** A column of a table: the value of a query, or one of the labels. */
export interface Column {
  readonly title: string
  readonly unit?: Unit
  readonly width?: number
  readonly base?: Tone
  readonly steps?: readonly Step[]
  readonly states?: readonly State[]
  readonly decimals?: number
  readonly link?: DrillDown
  /** Draws a bar in the cell, from 0 to this. */
  readonly barTo?: number
}

/**
 * The newest values, a row for each set of labels that the queries have in common; `labels` are shown first, in that
 * order, then a column for each query.
 */
export interface Table extends Omit<Common, 'queries' | 'steps' | 'link'> {
  readonly kind: 'table'
  readonly labels: Readonly<Record<string, Column>>
  readonly values: readonly (Column & { readonly expr: string })[]
  /** Title of the column by which rows are sorted, and whether the largest is first. */
  readonly sortBy: { readonly title: string; readonly descending: boolean }
}

export interface Text {
  readonly kind: 'text'
  readonly title: string
  readonly description: string
  readonly width: number
  readonly height: number
  readonly markdown: string
}

export type Panel = Lines | Stat | Bars | Gauge | Timeline | Heatmap | Table | Text

/** Panels under a heading; a collapsed row asks nothing until it is opened. */
export interface Row {
  readonly title: string
  readonly collapsed?: boolean
  readonly panels: readonly Panel[]
}
