import type { Row } from './panel.ts'
import type { BoardName } from './uids.ts'
import type { Variable } from './variables.ts'

/** A dashboard as data; grafana.ts makes of it what Grafana reads. */
export interface Board {
  readonly name: BoardName
  readonly title: string
  /** What it is for, one sentence. */
  readonly description: string
  readonly variables: readonly Variable[]
  readonly rows: readonly Row[]
  /** Boards that lie next to this one, in the head of it. */
  readonly related: readonly BoardName[]
  /** Whether events of the fleet are drawn on its charts. */
  readonly events?: boolean
}
