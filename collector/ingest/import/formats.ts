import type { MetricMetadata } from '../../../common/series/metric-type.ts'
import type { Intake } from '../intake.ts'
import type { LineReader } from './import-lines.ts'
import { readCsvLines } from './csv-lines.ts'
import { readExposition } from './exposition.ts'
import { readInfluxLines } from './influx-lines.ts'
import { readJsonLines } from './json-lines.ts'

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

export const lineReaders = {
  json: readJsonLines,
  prometheus: readExposition,
  influx: readInfluxLines,
  csv: readCsvLines,
} satisfies Readonly<Record<string, CreateLineReader>>

export type ImportFormat = keyof typeof lineReaders
