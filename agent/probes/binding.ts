import { PgherdError } from '../../common/errors.ts'
import { metricName } from './definition.ts'
import type { ColumnDefinition, ProbeDefinition } from './definition.ts'

/** A result as a session gives it: text by row, and which column has which type. */
export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly typeId: number }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** A column of a definition and where it stands in the result. */
export interface BoundColumn {
  readonly definition: ColumnDefinition
  readonly index: number
  readonly typeId: number
}

/** A definition laid over the columns of a result. */
export interface Binding {
  /** In the order of their names, as label sets have them. */
  readonly labels: readonly BoundColumn[]
  readonly labelNames: readonly string[]
  readonly values: readonly BoundColumn[]
  readonly metrics: readonly string[]
  readonly histograms: readonly BoundColumn[]
  /** Metrics that count rows. */
  readonly counts: readonly string[]
}

/**
 * Finds the columns that a definition names. Columns it does not name are ignored: a view may have grown.
 * @throws PgherdError PROBE_FAILED for a column that is missing
 */
export function bindColumns(probe: ProbeDefinition, columns: QueryResult['columns']): Binding {
  const bound: BoundColumn[] = []
  for (const definition of probe.columns) {
    if (definition.usage === 'DISCARD' || definition.usage === 'ROWS') continue
    const index = columns.findIndex(({ name }) => name === definition.column)
    if (index < 0) {
      throw new PgherdError('PROBE_FAILED', `the query has no column ${definition.column}`)
    }
    bound.push({ definition, index, typeId: columns[index]!.typeId })
  }
  const labels = bound
    .filter(({ definition }) => definition.usage === 'LABEL')
    .sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1))
  const values = bound.filter(({ definition }) => ['GAUGE', 'COUNTER'].includes(definition.usage))
  return {
    labels,
    labelNames: labels.map(({ definition }) => definition.name),
    values,
    metrics: values.map(({ definition }) => metricName(probe, definition)),
    histograms: bound.filter(({ definition }) => definition.usage === 'HISTOGRAM'),
    counts: probe.columns
      .filter(({ usage }) => usage === 'ROWS')
      .map((definition) => metricName(probe, definition)),
  }
}

/** Whether a binding made for columns `a` is right for columns `b`. */
export function sameColumns(a: QueryResult['columns'], b: QueryResult['columns']): boolean {
  return (
    a.length === b.length &&
    a.every((column, i) => column.name === b[i]!.name && column.typeId === b[i]!.typeId)
  )
}
