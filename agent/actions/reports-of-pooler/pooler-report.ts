import type { ActionOutput } from '../../../common/command/result.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { OutputTable } from '../output-table.ts'
import { sumOf } from '../../postgres/pooler-console.ts'
import type { ConsoleRow } from '../../postgres/pooler-console.ts'
import { shortText } from '../short-text.ts'

/** One thing that `pgbouncer-show` shows: a question to the console, which only reads, and is bounded in rows and time. */
export interface PoolerReport {
  readonly name: string
  /** One line for a person. */
  readonly what: string
  read(context: PoolerReportContext): Promise<readonly ActionOutput[]>
}

export interface PoolerReportContext {
  readonly session: ActionSession
  /** Rows of a table. */
  readonly limit: number
}

/** A column of a report. */
export interface PoolerColumn {
  readonly name: string
  /** Quantities are read from the right. */
  readonly align?: 'right'
  /** undefined where this version of pgBouncer does not say it, or has nothing to say. */
  readonly of: (row: ConsoleRow) => string | undefined
}

/** Of one question to the console. */
export const reportMs = 5_000

/** Longest text of a cell. */
const maxCell = 240

/**
 * Rows of the console as a table for a person. Only what a report names is shown, so that a later pgBouncer cannot add a secret;
 * a column of which no row says anything is left out, as in a version that does not know it.
 */
export function consoleTable(
  title: string,
  rows: readonly ConsoleRow[],
  columns: readonly PoolerColumn[],
  limit: number,
): OutputTable {
  const shown = rows.slice(0, limit)
  const kept = columns.filter(({ of }) => shown.some((row) => of(row) !== undefined))
  return {
    type: 'table',
    title,
    columns: kept.map(({ name, align }) => ({ name, align: align ?? 'left' })),
    rows: shown.map((row) => kept.map(({ of }) => textOf(of(row)))),
    truncated: rows.length > limit,
  }
}

function textOf(cell: string | undefined): string | null {
  return cell === undefined ? null : shortText(cell, maxCell)
}

/** A column as the console has it, if only under another name. */
export function as(name: string, column = name): PoolerColumn {
  return { name, of: (row) => row.get(column) || undefined }
}

/** A number as the console has it; several of its columns are added up. */
export function count(name: string, ...columns: readonly string[]): PoolerColumn {
  const names = columns.length === 0 ? [name] : columns
  return {
    name,
    align: 'right',
    of: (row) => (names.some((one) => row.has(one)) ? String(sumOf(row, ...names)) : undefined),
  }
}

/** A time that the console has in seconds and the microseconds beyond them. */
export function waitMs(row: ConsoleRow, seconds: string): number {
  return Number(row.get(seconds) ?? 0) * 1_000 + Number(row.get(`${seconds}_us`) ?? 0) / 1_000
}

/** Rows of the database `pgbouncer` are the console's own. */
export function isConsole(row: ConsoleRow): boolean {
  return (row.get('name') ?? row.get('database')) === 'pgbouncer'
}
