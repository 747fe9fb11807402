import { stringify } from 'yaml'
import type { CliContext } from './context.ts'
import { printTable } from './print-table.ts'
import type { Column } from './table.ts'
import { printable, printableJson } from './terminal.ts'

export interface Sheet {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
  /** What json and yaml print. */
  readonly data: unknown
  /** In place of an empty table. */
  readonly nothing: string
}

/** Prints in the format that was asked for; tsv has no escapes but \t, \n and the like within a cell. */
export function present(context: CliContext, sheet: Sheet): void {
  const { terminal } = context
  switch (context.format()) {
    case 'json':
      terminal.print(printableJson(sheet.data))
      return
    case 'yaml':
      terminal.print(stringify(sheet.data, { lineWidth: 0 }).trimEnd().split('\n').map(printable).join('\n'))
      return
    case 'tsv':
      for (const cells of [sheet.columns.map(({ title }) => title), ...sheet.rows]) {
        terminal.print(cells.map(printable).join('\t'))
      }
      return
    case 'table':
      if (sheet.rows.length === 0) terminal.print(sheet.nothing)
      else printTable(terminal, sheet.columns, sheet.rows)
  }
}
