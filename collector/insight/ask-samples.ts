import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'

/** What is in the store, as its queries give it. Times are milliseconds since the epoch. */
export interface AskSamples {
  /** An expression whose result is an instant vector or a scalar. @throws PgherdError of the query */
  vector(
    expression: string,
    atMs: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly labels: LabelSet; readonly value: number }[]>
  /** The same at each step; both ends are included. @throws PgherdError of the query */
  range(
    expression: string,
    at: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
    signal: AbortSignal,
  ): Promise<readonly SeriesSamples[]>
}
