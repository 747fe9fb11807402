import type { Cell, Frame } from '../data/frame.ts'
import { lengthOf } from '../data/frame.ts'
import { compareCells } from '../data/transform.ts'
import type { ShownField } from '../fields/shown-fields.ts'

export interface TableSort {
  readonly column: string
  readonly isFalling: boolean
}

/** A table as it is shown: columns, and for each row its index in the frame. */
export interface TableRows {
  readonly columns: readonly ShownField[]
  readonly rows: readonly number[]
}

/**
 * The one table of an answer, with its rows in order. Of several frames the first is shown, unless all are series:
 * those become a row each, with their name and newest value.
 */
export function tableRows(fields: readonly ShownField[], sort: TableSort | null): TableRows {
  const [first] = fields
  if (first === undefined) return { columns: [], rows: [] }
  const columns = fields.filter(({ frame, settings }) => frame === first.frame && !settings.custom.hidden)
  const rows = Array.from({ length: lengthOf(first.frame) }, (_, index) => index)
  const by = sort === null ? undefined : columns.find(({ name }) => name === sort.column)
  if (sort === null || by === undefined) return { columns, rows }
  const cell = (row: number): Cell => by.field.values[row] ?? null
  return { columns, rows: rows.sort((a, b) => compareCells(cell(a), cell(b), sort.isFalling)) }
}

/** Series as one table, for a panel whose queries were no tables: a row for each with its newest value. */
export function seriesAsTable(frames: readonly Frame[]): readonly Frame[] {
  const isSeries = frames.every(
    ({ fields }) => fields.length === 2 && fields[0]?.kind === 'time' && fields[1]?.legend != null,
  )
  if (frames.length < 2 || !isSeries) return frames
  const plain = { labels: {}, legend: null }
  return [
    {
      refId: frames[0]!.refId,
      fields: [
        { ...plain, name: 'Series', kind: 'string', values: frames.map(({ fields }) => fields[1]!.legend) },
        {
          ...plain,
          name: 'Value',
          kind: 'number',
          values: frames.map(({ fields }) => fields[1]!.values.at(-1) ?? null),
        },
      ],
    },
  ]
}
