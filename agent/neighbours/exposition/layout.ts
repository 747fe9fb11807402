import type { SampleRow, SampleTable } from '../../../common/series/sample-table.ts'

/** A series that samples of an exposition belong to. */
export interface LaidOutSeries {
  readonly metric: string
  readonly labelNames: readonly string[]
  readonly labels: readonly string[]
}

/** Makes tables of the values of a fixed sequence of series. */
export type Layout = (values: readonly number[]) => readonly SampleTable[]

interface Plan {
  readonly metrics: readonly string[]
  readonly labelNames: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Where in the sequence each value is, row by row. */
  readonly positions: Int32Array
}

/**
 * Metrics with the same label sets share a table, so that looking up a row is paid once for all of them: in
 * HAProxy's answer a row has 60 values. Every cell has a value.
 */
export function createLayout(sequence: readonly LaidOutSeries[]): Layout {
  const rowIds = createNumbering()
  const families = new Map<string, { readonly positions: number[]; readonly ids: number[] }>()
  for (const [position, { metric, labelNames, labels }] of sequence.entries()) {
    const namesKey = labelNames.join()
    const familyKey = `${metric} ${namesKey}`
    let family = families.get(familyKey)
    if (family === undefined) families.set(familyKey, (family = { positions: [], ids: [] }))
    family.positions.push(position)
    family.ids.push(rowIds(`${namesKey} ${labels.join('\u0000')}`))
  }
  const groups = new Map<string, (readonly number[])[]>()
  for (const { positions, ids } of families.values()) {
    const rowsKey = ids.join()
    const group = groups.get(rowsKey)
    if (group === undefined) groups.set(rowsKey, [positions])
    else group.push(positions)
  }
  const plans = [...groups.values()].map((columns) => createPlan(sequence, columns))
  return (values) => plans.map((plan) => fill(plan, values))
}

/** @param columns of each metric the positions of its values */
function createPlan(sequence: readonly LaidOutSeries[], columns: readonly (readonly number[])[]): Plan {
  const first = columns[0]!
  const positions = new Int32Array(first.length * columns.length)
  for (const [column, own] of columns.entries()) {
    for (const [row, position] of own.entries()) positions[row * columns.length + column] = position
  }
  return {
    metrics: columns.map((own) => sequence[own[0]!]!.metric),
    labelNames: sequence[first[0]!]!.labelNames,
    rows: first.map((position) => sequence[position]!.labels),
    positions,
  }
}

function fill({ metrics, labelNames, rows, positions }: Plan, values: readonly number[]): SampleTable {
  const out: SampleRow[] = []
  let at = 0
  for (const labels of rows) {
    const own: (number | undefined)[] = []
    for (let end = at + metrics.length; at < end; at++) own.push(values[positions[at]!])
    out.push({ labels, values: own })
  }
  return { metrics, labelNames, rows: out }
}

function createNumbering(): (key: string) => number {
  const known = new Map<string, number>()
  return (key) => {
    let number = known.get(key)
    if (number === undefined) known.set(key, (number = known.size))
    return number
  }
}
