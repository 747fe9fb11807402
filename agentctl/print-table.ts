import type { Column } from './table.ts'
import { renderTable } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Prints a table as wide as the terminal has room. */
export function printTable(
  terminal: Terminal,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): void {
  for (const line of renderTable(columns, rows, terminal.width, terminal.colour)) terminal.print(line)
}
