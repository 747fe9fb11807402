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
  readonly metrics: string[]
  readonly labelNames: readonly string[]
  /** Of each row the positions of its values in the sequence, by metric. */
  readonly rows: readonly { readonly labels: readonly string[]; readonly positions: number[] }[]
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
  const plans = new Map<string, Plan>()
  for (const { positions, ids } of families.values()) {
    const { metric, labelNames } = sequence[positions[0]!]!
    const rowsKey = ids.join()
    let plan = plans.get(rowsKey)
    if (plan === undefined) {
      const rows = positions.map((position) => ({ labels: sequence[position]!.labels, positions: [] }))
      plans.set(rowsKey, (plan = { metrics: [], labelNames, rows }))
    }
    plan.metrics.push(metric)
    for (const [i, position] of positions.entries()) plan.rows[i]!.positions.push(position)
  }
  const tables = [...plans.values()]
  return (values) => {
    const out: SampleTable[] = []
    for (const { metrics, labelNames, rows: planned } of tables) {
      const rows: SampleRow[] = []
      for (const { labels, positions } of planned) {
        const own: (number | undefined)[] = []
        for (const position of positions) own.push(values[position])
        rows.push({ labels, values: own })
      }
      out.push({ metrics, labelNames, rows })
    }
    return out
  }
}

function createNumbering(): (key: string) => number {
  const known = new Map<string, number>()
  return (key) => {
    let number = known.get(key)
    if (number === undefined) known.set(key, (number = known.size))
    return number
  }
}
