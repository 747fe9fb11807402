import { PgherdError } from '../../common/errors.ts'
import { bindColumns, sameColumns } from './binding.ts'
import type { Binding, BoundColumn, QueryResult } from './binding.ts'
import { castNumber, isScalable } from './cast.ts'
import type { ProbeDefinition } from './definition.ts'
import { histogramTable } from './histogram.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'

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
      rows: rows.map((row) => ({
        labels: binding.labels.map(({ index }) => row[index] ?? ''),
        values: binding.values.map((column) => numberOf(row, column)),
      })),
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
    return binding.metrics.length === 0 ? histograms : [plain, ...histograms]
  }
}

function numberOf(row: readonly (string | null)[], column: BoundColumn): number | undefined {
  const { definition, typeId } = column
  const text = row[column.index] ?? null
  if (text === null)
    return definition.default === undefined ? undefined : definition.default * definition.scale
  const value = castNumber(text, typeId)
  if (value === undefined) {
    throw new PgherdError('PROBE_FAILED', `column ${definition.column} is no number: ${JSON.stringify(text)}`)
  }
  return definition.scale !== 1 && isScalable(typeId) ? value * definition.scale : value
}
