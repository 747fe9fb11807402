/** What is used of an OTLP metrics request, whichever way it was encoded. */
export interface OtlpResource {
  readonly attributes: Attributes
  readonly scopes: readonly OtlpScope[]
}

export interface OtlpScope {
  readonly name: string
  readonly version: string
  readonly attributes: Attributes
  readonly metrics: readonly OtlpMetric[]
}

/** Keys and values, these as text. */
export type Attributes = readonly (readonly [key: string, value: string])[]

export const otlpKinds = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const
export type OtlpKind = (typeof otlpKinds)[number]

export interface OtlpMetric {
  readonly name: string
  readonly description: string
  readonly unit: string
  /** undefined for a kind that is not known. */
  readonly kind: OtlpKind | undefined
  /** 0 is unspecified, 1 delta, 2 cumulative. */
  readonly temporality: number
  readonly isMonotonic: boolean
  readonly points: readonly OtlpPoint[]
}

export interface OtlpPoint {
  readonly attributes: Attributes
  readonly timestampMs: number
  /** Its first bit: there is no recorded value. */
  readonly flags: number
  /** Of gauges and sums. */
  readonly value: number
  /** Of the other kinds. */
  readonly count: number
  readonly sum: number | undefined
  /** Of histograms: one count more than bounds. */
  readonly bucketCounts: readonly number[]
  readonly bounds: readonly number[]
  /** Of summaries. */
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
}

export const emptyPoint: OtlpPoint = {
  attributes: [],
  timestampMs: 0,
  flags: 0,
  value: 0,
  count: 0,
  sum: undefined,
  bucketCounts: [],
  bounds: [],
  quantiles: [],
}

export const cumulative = 2
