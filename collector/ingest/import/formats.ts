import { readCsvLines } from './csv-lines.ts'
import { readExposition } from './exposition.ts'
import { readInfluxLines } from './influx-lines.ts'
import { readJsonLines } from './json-lines.ts'
import type { CreateLineReader } from './line-reader.ts'

/** Everything that is read line by line. */
export const lineReaders = {
  json: readJsonLines,
  prometheus: readExposition,
  influx: readInfluxLines,
  csv: readCsvLines,
} satisfies Readonly<Record<string, CreateLineReader>>

export type ImportFormat = keyof typeof lineReaders
