import type { ActionOutput } from '../../common/command/result.ts'
import type { ResultTable } from '../postgres/result-table.ts'
import { shortText } from './short-text.ts'

export type OutputTable = Extract<ActionOutput, { type: 'table' }>

/** A column of texts. */
export const left = (name: string) => ({ name, align: 'left' }) as const
/** A column of quantities. */
export const right = (name: string) => ({ name, align: 'right' }) as const

/** A cell with a time to the second: `2026-01-31T08:15:00Z`. */
export const moment = (ms: number | null): string | null => (ms === null ? null : printMoment(ms))

/** The same in a sentence. */
export function printMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** OIDs of pg_type that are read from the right: int8, int2, int4, oid, float4, float8, interval, numeric. */
const fromTheRight = new Set([20, 21, 23, 26, 700, 701, 1186, 1700])

/**
 * A result as a table for a person, with what is secret or endless in its texts left out.
 * @param limit of rows; one more in the result says that there are further ones
 * @param right names of columns whose text is a quantity, such as `12 MB`
 */
export function toOutputTable(
  result: ResultTable,
  about: { readonly title: string; readonly limit: number; readonly right?: readonly string[] },
): OutputTable {
  const { title, limit, right = [] } = about
  return {
    type: 'table',
    title,
    columns: result.columns.map(({ name, typeId }) => ({
      name,
      align: fromTheRight.has(typeId) || right.includes(name) ? 'right' : 'left',
    })),
    rows: result.rows
      .slice(0, limit)
      .map((row) => row.map((cell) => (cell === null ? null : shortText(cell, maxCell)))),
    truncated: result.rows.length > limit,
  }
}

const maxCell = 240
