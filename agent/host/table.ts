import type { SampleTable } from '../../common/series/sample-table.ts'

const noLabels: readonly string[] = []

/** Metrics without labels. */
export function plainTable(values: ReadonlyMap<string, number | undefined>): SampleTable {
  return namedTable([...values.keys()], [...values.values()])
}

/** Metrics without labels; `values` by `metrics`. */
export function namedTable(metrics: readonly string[], values: readonly (number | undefined)[]): SampleTable {
  return { metrics, labelNames: noLabels, rows: [{ labels: noLabels, values }] }
}

/** A single row of value 1 whose labels are the facts; label names sorted by the caller's `labels`. */
export function infoTable(metric: string, labels: Readonly<Record<string, string>>): SampleTable {
  const labelNames = Object.keys(labels).sort()
  return {
    metrics: [metric],
    labelNames,
    rows: [{ labels: labelNames.map((name) => labels[name]!), values: [1] }],
  }
}

/** Fields of a line of /proc, which are set apart by any number of blanks. */
export function fieldsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/)
}

/** Lines that are not empty. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

/** A decimal number; undefined where there is none, or nothing that a sample could hold. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** A hexadecimal number with or without 0x; undefined where there is none. */
export function hexOf(text: string | undefined): number | undefined {
  return text !== undefined && /^(0x)?[0-9a-f]{1,16}$/i.test(text) ? parseInt(text, 16) : undefined
}

/** `value` times `factor`, where there is a value. */
export function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor
}
