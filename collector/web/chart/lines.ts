/** A line of a chart over time, as it is to be drawn. */
export interface ChartLine {
  readonly name: string
  /** One for each instant; null is a gap. */
  readonly values: readonly (number | null)[]
  /** CSS, custom properties included. */
  readonly colour: string
  readonly dash: 'solid' | 'dash' | 'dot'
  readonly width: number
  /** How far the area below is filled, 0 to 1. */
  readonly fill: number
  readonly shape: 'line' | 'smooth' | 'step-before' | 'step-after' | 'bars' | 'points'
  readonly spansGaps: boolean
  /** Lines with the same name here stand on each other; null for a line of its own. */
  readonly stack: string | null
  readonly isPercentStack: boolean
  /** The values are the negatives of what they stand for, to be drawn below the axis. */
  readonly isMirrored: boolean
  /** Index of its value axis. */
  readonly axis: number
}

/** A value axis. */
export interface ChartAxis {
  readonly unit: string
  readonly decimals: number | null
  readonly side: 'left' | 'right' | 'hidden'
  readonly label: string
  readonly isLogarithmic: boolean
  readonly min: number | null
  readonly max: number | null
  readonly softMin: number | null
  readonly softMax: number | null
  readonly thresholds: readonly { readonly value: number; readonly colour: string }[]
  readonly thresholdStyle: { readonly line: 'none' | 'solid' | 'dashed'; readonly area: boolean }
}

/** Something that happened at an instant. */
export interface ChartMark {
  /** Seconds since the epoch. */
  readonly at: number
  readonly colour: string
  readonly text: string
}

/** What a chart draws; times are seconds since the epoch. */
export interface ChartData {
  readonly times: readonly number[]
  readonly stepSeconds: number
  readonly lines: readonly ChartLine[]
  readonly axes: readonly ChartAxis[]
  readonly marks: readonly ChartMark[]
  readonly from: number
  readonly to: number
}
