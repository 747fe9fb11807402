import { PgherdError } from '../../common/errors.ts'
import { bindColumns, sameColumns } from './binding.ts'
import type { Binding, BoundColumn, QueryResult } from './binding.ts'
import { castNumber, isScalable } from './cast.ts'
import type { ProbeDefinition } from './definition.ts'
import { histogramTable } from './histogram.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'

/** Turns the results of one probe into samples. */
export type RowReader = (result: QueryResult) => readonly SampleTable[]

/** @returns a reader that throws PgherdError PROBE_FAILED for a missing column or a value that is no number */
export function createRowReader(probe: ProbeDefinition): RowReader {
  let last: { readonly columns: QueryResult['columns']; readonly binding: Binding } | undefined
  return ({ columns, rows }) => {
    if (last === undefined || !sameColumns(last.columns, columns)) {
      last = { columns, binding: bindColumns(probe, columns) }
    }
    const { binding } = last
    const plain = {
      metrics: binding.metrics,
      labelNames: binding.labelNames,
      rows: plainRows(binding, rows),
    }
    const histograms = binding.histograms.flatMap((column) =>
      histogramTable(`${probe.name}_${column.definition.name}`, column.definition.buckets, {
        labelNames: binding.labelNames,
        observations: rows.map((row) => ({
          labels: binding.labels.map(({ index }) => row[index] ?? ''),
          value: numberOf(row, column),
        })),
      }),
    )
    const tables = [...histograms]
    if (binding.metrics.length > 0) tables.unshift(plain)
    if (binding.counts.length > 0) tables.push(countTable(binding, plain.rows))
    return tables
  }
}

/** By index: without the optimizing compilers, `map` and `of` cost a call or an object for each value. */
function plainRows({ labels, values }: Binding, rows: QueryResult['rows']): readonly SampleRow[] {
  const out = new Array<SampleRow>(rows.length)
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!
    const texts = new Array<string>(labels.length)
    for (let i = 0; i < labels.length; i++) texts[i] = row[labels[i]!.index] ?? ''
    const numbers = new Array<number | undefined>(values.length)
    for (let i = 0; i < values.length; i++) numbers[i] = numberOf(row, values[i]!)
    out[r] = { labels: texts, values: numbers }
  }
  return out
}

/** How many rows share their labels; without a row and without labels, 0. */
function countTable(binding: Binding, rows: readonly SampleRow[]): SampleTable {
  const { counts, labelNames } = binding
  const groups = new Map<string, { readonly labels: readonly string[]; count: number }>()
  if (labelNames.length === 0) groups.set('', { labels: [], count: 0 })
  for (const { labels } of rows) {
    const key = labels.join('\u0000')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { labels, count: 1 })
    else group.count++
  }
  return {
    metrics: counts,
    labelNames,
    rows: [...groups.values()].map(({ labels, count }) => ({ labels, values: counts.map(() => count) })),
  }
}

function numberOf(row: readonly (string | null)[], column: BoundColumn): number | undefined {
  const { definition, typeId } = column
  const text = row[column.index] ?? null
  if (text === null)
    return definition.default === undefined ? undefined : definition.default * definition.scale
  const value = castNumber(text, typeId)
  if (value === undefined) {
    if (definition.numbersOnly) return undefined
    throw new PgherdError('PROBE_FAILED', `column ${definition.column} is no number: ${JSON.stringify(text)}`)
  }
  return definition.scale !== 1 && isScalable(typeId) ? value * definition.scale : value
}
