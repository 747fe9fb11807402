import type { SampleTable } from '../../common/series/sample-table.ts'

/**
 * Something beside PostgreSQL that is measured at each interval. It has the shape of a source of agent/scrape,
 * which this stage does not know.
 */
export interface Neighbour extends AsyncDisposable {
  /** Labels of all its series; `job` among them. */
  readonly labels: Readonly<Record<string, string>>
  /** Measures once. One that is down says so instead of throwing. */
  measure(round: NeighbourRound): Promise<NeighbourMeasurement>
}

export interface NeighbourRound {
  /** The scheduled time, which the samples will carry. */
  readonly timestampMs: number
  readonly timeoutMs: number
  /** Milliseconds until the deadline; 0 when it has passed. */
  remainingMs(): number
}

export interface NeighbourMeasurement {
  readonly up: boolean
  readonly tables: readonly SampleTable[]
}

/** Kept back of a round's time, so that a neighbour that does not answer still says so in time. */
export const reserveMs = 100

/** Metrics without labels of their own. */
export function plainTable(values: Readonly<Record<string, number>>): SampleTable {
  return {
    metrics: Object.keys(values),
    labelNames: [],
    rows: [{ labels: [], values: Object.values(values) }],
  }
}

/** How old a repeated result is. */
export function ageTable(round: NeighbourRound, measuredAtMs: number): SampleTable {
  return plainTable({ pgherd_endpoint_age_seconds: Math.max(0, round.timestampMs - measuredAtMs) / 1000 })
}
