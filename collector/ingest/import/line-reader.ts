import type { MetricMetadata } from '../../../common/series/metric-type.ts'
import type { Intake } from '../intake.ts'

/** Hands the rows of one line to the intake, or says what is wrong with it and hands over nothing. */
export type LineReader = (line: string) => string | undefined

/** What a format may want to know of its request. */
export interface ImportContext {
  readonly parameters: URLSearchParams
  readonly contentType: string | undefined
  /** The time of samples that have none, in milliseconds. */
  readonly nowMs: number
  readonly onMetadata: (metric: string, metadata: MetricMetadata) => void
}

/**
 * Made for one request.
 * @throws PgherdError BAD_REQUEST for its parameters
 */
export type CreateLineReader = (intake: Intake, context: ImportContext) => LineReader
