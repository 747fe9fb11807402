import { reduce } from '../fields/reduce.ts'
import type { ShownField } from '../fields/shown-fields.ts'
import type { ReduceOptions } from '../model/panel-kind.ts'
import { regExpOf } from '../fields/matcher.ts'
import { numbersOf } from './frame.ts'
import type { Cell } from './frame.ts'

/** A single value of a stat, gauge or bar. */
export interface ReducedValue {
  readonly shown: ShownField
  readonly name: string
  readonly value: Cell
  /** The row of the frame that it is; null for a value made of all. */
  readonly row: number | null
  /** What it was made of, for a sparkline. */
  readonly history: readonly (number | null)[]
}

/** One value of each number field, or with `values` one for each row, named by the row's first text. */
export function reducedValues(
  fields: readonly ShownField[],
  options: ReduceOptions,
): readonly ReducedValue[] {
  const wanted = fields.filter(({ field, name }) => {
    if (options.fields === '') return field.kind === 'number'
    return field.kind !== 'time' && (options.fields === name || regExpOf(options.fields).test(name))
  })
  const values = wanted.flatMap((shown): ReducedValue[] => {
    const { field, frame, name } = shown
    const numbers = numbersOf(field)
    if (!options.values) {
      const calc = options.calcs[0] ?? 'lastNotNull'
      const value = field.kind === 'string' ? (field.values.at(-1) ?? null) : reduce(calc, numbers)
      return [{ shown, name, value, row: null, history: numbers }]
    }
    const label = frame.fields.find(({ kind }) => kind === 'string')
    return field.values.map((value, row) => ({
      shown,
      name: String(label?.values[row] ?? name),
      value,
      row,
      history: [],
    }))
  })
  return options.limit === undefined ? values : values.slice(0, options.limit)
}
