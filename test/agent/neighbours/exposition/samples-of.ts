import type { SampleTable } from '../../../../common/series/sample-table.ts'

/** Samples as `name{label="value",...}` with their values, in the order of the tables; an empty label is left out. */
export function samplesOf(tables: readonly SampleTable[]): readonly (readonly [string, number])[] {
  return tables.flatMap(({ metrics, labelNames, rows }) =>
    rows.flatMap(({ labels, values }) => {
      const pairs = labelNames.flatMap((name, i) =>
        labels[i] === '' ? [] : [`${name}=${JSON.stringify(labels[i])}`],
      )
      const set = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
      return values.flatMap((value, i): [string, number][] =>
        value === undefined ? [] : [[`${metrics[i]!}${set}`, value]],
      )
    }),
  )
}

/** The same by series. */
export function sampleMap(tables: readonly SampleTable[]): ReadonlyMap<string, number> {
  return new Map(samplesOf(tables))
}
