/** Prometheus' names of the metric types, by their numbers in remote write 1.0 and 2.0. */
export const metricTypes = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const
export type MetricType = (typeof metricTypes)[number]

/** What is known of a metric family besides its samples; '' where nothing is. */
export interface MetricMetadata {
  readonly type: MetricType
  readonly help: string
  readonly unit: string
}
