import { lengthOf, nameOf } from './frame.ts'
import type { Cell, Field, Frame } from './frame.ts'

type Row = Map<string, Cell>

/**
 * Puts the rows of several frames into one table, Grafana's `merge`: rows are one where all columns that the frames
 * share are equal and no other column has two values.
 */
export function mergeFrames(frames: readonly Frame[]): readonly Frame[] {
  const filled = frames.filter((frame) => frame.fields.length > 0)
  const [first] = filled
  if (first === undefined || filled.length === 1) return filled
  const columns = new Map<string, Field>()
  for (const { fields } of filled) {
    for (const field of fields) if (!columns.has(nameOf(field))) columns.set(nameOf(field), field)
  }
  const keys = [...columns.keys()].filter((name) =>
    filled.every(({ fields }) => fields.some((field) => nameOf(field) === name)),
  )
  const byKey = new Map<string, Row[]>()
  const rows: Row[] = []
  for (const frame of filled) {
    for (let index = 0; index < lengthOf(frame); index++) {
      const row: Row = new Map(frame.fields.map((field) => [nameOf(field), field.values[index] ?? null]))
      const key = JSON.stringify(keys.map((name) => row.get(name) ?? null))
      const alike = byKey.get(key) ?? []
      const fitting = keys.length === 0 ? undefined : alike.find((other) => fits(other, row))
      if (fitting === undefined) {
        rows.push(row)
        byKey.set(key, [...alike, row])
      } else {
        for (const [name, value] of row) if (value !== null) fitting.set(name, value)
      }
    }
  }
  return [
    {
      refId: first.refId,
      fields: [...columns].map(([name, field]) => ({
        ...field,
        values: rows.map((row) => row.get(name) ?? null),
      })),
    },
  ]
}

function fits(into: Row, row: Row): boolean {
  for (const [name, value] of row) {
    const present = into.get(name) ?? null
    if (present !== null && value !== null && present !== value) return false
  }
  return true
}
