/** Samples that share their metric names and label names, as a source measures them; one row per label set. */
export interface SampleTable {
  readonly metrics: readonly string[]
  /** Sorted, each once. */
  readonly labelNames: readonly string[]
  readonly rows: readonly SampleRow[]
}

export interface SampleRow {
  /** By `labelNames`; '' means that the label is absent. */
  readonly labels: readonly string[]
  /** By `metrics`; undefined where there is no sample. */
  readonly values: readonly (number | undefined)[]
}

/** How many samples the tables have when no value is absent. */
export function mostSamples(tables: readonly SampleTable[]): number {
  let samples = 0
  for (const { metrics, rows } of tables) samples += rows.length * metrics.length
  return samples
}
