import type { SampleMemory } from './samples.ts'

/** What bounds a selection of samples, and how much of it is wanted. */
export interface SelectLimits {
  readonly signal?: AbortSignal
  /** A QUERY_LIMIT error when one select would return more. */
  readonly maxSeries?: number
  readonly maxSamples?: number
  /** Called before memory for samples is taken; what it throws ends the selection. */
  readonly reserve?: ((bytes: number) => void) | undefined
  /** Where large arrays of the answer are taken from; they stay in it until whoever asks takes them back. */
  readonly memory?: SampleMemory
  /** Of each series only the newest sample in the range is looked at: older ones may be left out. */
  readonly newestOnly?: boolean
}
