import type { SampleTable } from '../../common/series/sample-table.ts'

/** Metrics without labels. */
export function plainTable(values: ReadonlyMap<string, number>): SampleTable {
  return { metrics: [...values.keys()], labelNames: [], rows: [{ labels: [], values: [...values.values()] }] }
}

/** Fields of a line of /proc, which are set apart by any number of blanks. */
export function fieldsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/)
}

/** Lines that are not empty. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
