import { cut, displayWidth } from './display-width.ts'
import { printable } from './terminal.ts'

/** What a cell means to whoever looks over a table: colours show it on a terminal, and only there. */
export type Tone = 'bad' | 'warning' | 'faint'

export interface Column {
  readonly title: string
  /** Numbers read better flush right. */
  readonly align?: 'left' | 'right'
  /** Left out of a table that does not fit otherwise; of several the one with the highest number goes first. */
  readonly spare?: number
  /** Left out of a table where it has nothing to say. */
  readonly onlyIfFilled?: boolean
  readonly tone?: (cell: string) => Tone | undefined
}

/** SGR parameters (ECMA-48, 8.3.117). */
const sgr: Readonly<Record<Tone, string>> = { bad: '31', warning: '33', faint: '2' }

/**
 * Lines of a table without borders, made to fit `width` columns: columns that can be spared go first, then the widest
 * left-aligned ones are cut, with an ellipsis. Infinite width (a pipe) cuts nothing. Titles and cells may be any text:
 * each is shown as printable() has it.
 */
export function renderTable(
  givenColumns: readonly Column[],
  givenRows: readonly (readonly string[])[],
  width: number,
  colour = false,
): readonly string[] {
  const all = givenColumns.map((column, index) => ({
    ...column,
    title: printable(column.title),
    cells: givenRows.map((row) => printable(row[index] ?? '')),
    width: 0,
  }))
  for (const column of all) {
    column.width = column.cells.reduce(
      (widest, cell) => Math.max(widest, displayWidth(cell)),
      displayWidth(column.title),
    )
  }
  const columns = dropSpare(
    all.filter(({ onlyIfFilled, cells }) => onlyIfFilled !== true || cells.some((cell) => cell !== '')),
    width,
  )
  shrink(columns, width)
  const line = (textOf: (column: FittedColumn) => string, tones: boolean): string =>
    columns
      .map((column) => {
        const text = textOf(column)
        const shown = cut(text, column.width)
        const gap = ' '.repeat(Math.max(0, column.width - displayWidth(shown)))
        const tone = tones ? column.tone?.(text) : undefined
        const coloured = tone === undefined ? shown : `\u001b[${sgr[tone]}m${shown}\u001b[0m`
        return column.align === 'right' ? `${gap}${coloured}` : `${coloured}${gap}`
      })
      .join('  ')
      .trimEnd()
  return [
    line(({ title }) => title, false),
    ...givenRows.map((_row, at) => line(({ cells }) => cells[at]!, colour)),
  ]
}

interface FittedColumn extends Column {
  readonly cells: readonly string[]
  width: number
}

const narrowest = 8

const totalOf = (columns: readonly FittedColumn[]): number =>
  columns.reduce((sum, column) => sum + column.width + 2, -2)

function dropSpare(columns: readonly FittedColumn[], width: number): readonly FittedColumn[] {
  let kept = columns
  while (totalOf(kept) > width) {
    const spare = Math.max(...kept.map((column) => column.spare ?? 0))
    if (spare <= 0) break
    kept = kept.filter((column) => column.spare !== spare)
  }
  return kept
}

function shrink(columns: readonly FittedColumn[], width: number): void {
  while (totalOf(columns) > width) {
    let widest: FittedColumn | undefined
    for (const column of columns) {
      const candidate = column.align !== 'right' && column.width > Math.max(narrowest, column.title.length)
      if (candidate && (widest === undefined || column.width > widest.width)) widest = column
    }
    if (widest === undefined) return
    const less = Math.min(totalOf(columns) - width, widest.width - narrowest)
    widest.width = Math.max(widest.width - less, widest.title.length)
  }
}
