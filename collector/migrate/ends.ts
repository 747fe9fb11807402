import type { Matcher } from '../../common/series/matcher.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'

export type Selectors = readonly (readonly Matcher[])[]

/** Where samples are read. */
export interface Source {
  /**
   * Samples as they are stored, both ends included, a series at a time in one or more pieces. All series where there is
   * no selector.
   * @throws PgherdError; with `retry` for what may be over in a moment
   */
  read(selectors: Selectors, fromMs: number, toMs: number): AsyncIterable<SeriesSamples>
  /** Time of the first and the last sample, as far as that is known without reading them. */
  bounds(): Promise<{ readonly fromMs: number | undefined; readonly toMs: number | undefined }>
}

/** Where samples are written. What is written twice is there once. */
export interface Target extends Pick<Source, 'read'> {
  /** May keep them back until the next `settle`. */
  write(piece: SeriesSamples): Promise<void>
  /** When it resolves, all that was written before `untilMs` is kept, whatever dies now. */
  settle(untilMs: number): Promise<void>
  /** Whether it keeps every bit; otherwise NaNs are not kept, and of values twelve digits. */
  readonly isExact: boolean
}
