import type { PgherdError } from '../../common/errors.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import type { Predicate } from '../probes/definition.ts'

/** What one probe gave in one scrape. */
export type ProbeOutcome =
  | { readonly state: 'measured'; readonly tables: readonly SampleTable[]; readonly rows: number }
  | { readonly state: 'skipped'; readonly predicate: Predicate }
  | { readonly state: 'failed'; readonly error: PgherdError }

/** A result and when it was measured. */
export interface KeptOutcome {
  readonly outcome: ProbeOutcome
  /** Timestamp of the round that it is from. */
  readonly atMs: number
  /** Until the answer was there. */
  readonly durationMs: number
}
