import { printable } from './terminal.ts'

export interface Column {
  readonly title: string
  /** Numbers read better flush right. */
  readonly align?: 'left' | 'right'
}

/**
 * Lines of a table without borders, made to fit `width` characters: the widest left-aligned columns are
 * cut first, with an ellipsis. Infinite width (a pipe) cuts nothing. Titles and cells may be any text: each is shown
 * as printable() has it.
 */
export function renderTable(
  givenColumns: readonly Column[],
  givenRows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const columns = givenColumns.map((column) => ({ ...column, title: printable(column.title) }))
  const rows = givenRows.map((row) => row.map(printable))
  const widths = columns.map((column, index) =>
    rows.reduce((widest, row) => Math.max(widest, (row[index] ?? '').length), column.title.length),
  )
  shrink(columns, widths, width)
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cut(cells[index] ?? '', widths[index]!)
        return column.align === 'right' ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map((column) => column.title)), ...rows.map(line)]
}

const narrowest = 8

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  const total = (): number => widths.reduce((sum, one) => sum + one + 2, -2)
  while (total() > width) {
    let widest = -1
    for (const [index, column] of columns.entries()) {
      const candidate = column.align !== 'right' && widths[index]! > Math.max(narrowest, column.title.length)
      if (candidate && (widest < 0 || widths[index]! > widths[widest]!)) widest = index
    }
    if (widest < 0) return
    widths[widest]! -= Math.min(total() - width, widths[widest]! - narrowest)
    widths[widest] = Math.max(widths[widest]!, columns[widest]!.title.length)
  }
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text
  // Half of a character outside the basic plane would be shown as garbage.
  return `${text.slice(0, Math.max(0, width - 1)).replace(/[\ud800-\udbff]$/, '')}…`
}
