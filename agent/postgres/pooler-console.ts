import type { ActionSession } from './action-session.ts'

/** What pgBouncer's console says in one row, by its own names of the columns; what is null there is missing. */
export type ConsoleRow = ReadonlyMap<string, string>

/**
 * The rows of one SHOW.
 * @throws PgherdError of `ActionSession.read`
 */
export async function askConsole(
  session: Pick<ActionSession, 'read'>,
  text: string,
  timeoutMs: number,
): Promise<readonly ConsoleRow[]> {
  const { columns, rows } = await session.read({ text }, timeoutMs)
  return rows.map(
    (row) => new Map(columns.flatMap(({ name }, i) => (row[i] == null ? [] : [[name, row[i]]]))),
  )
}

/** The columns of a row added up; those it does not have count nothing. */
export function sumOf(row: ConsoleRow, ...columns: readonly string[]): number {
  return columns.reduce((sum, one) => sum + Number(row.get(one) ?? 0), 0)
}
