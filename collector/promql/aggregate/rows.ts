import { fillSeries } from '../evaluate/slide-windows.ts'
import type { FillSteps } from '../evaluate/slide-windows.ts'
import type { Query } from '../evaluate/query.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { RangeVector, Vector } from '../evaluate/values.ts'

/** The series of a vector, one after the other. */
export interface Rows {
  readonly steps: number
  /** Where the cells of the row in hand are. */
  readonly cells: Vector
  /** Takes row `i` in hand; its cells begin at the index that it returns. */
  take(i: number): number
  /** All of them at once. */
  all(): Promise<Vector>
}

export function rowsOf(vector: Vector): Rows {
  const { steps } = vector
  return { steps, cells: vector, take: (i) => i * steps, all: () => Promise.resolve(vector) }
}

/** Rows that are made when they are wanted: thousands of series times hundreds of steps are never in memory together. */
export function rowsMadeBy(fill: FillSteps, range: RangeVector, query: Query): Rows {
  const steps = range.grid.count
  const cells = allocateVector([[]], steps)
  return {
    steps,
    cells,
    take(i) {
      cells.present.fill(0)
      fill(range.series[i]!, cells, 0)
      return 0
    },
    all: () => fillSeries(range, fill, query),
  }
}
