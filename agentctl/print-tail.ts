import { stringify } from 'yaml'
import type { CliContext } from './context.ts'
import { cut } from './display-width.ts'
import { present } from './present.ts'
import type { Sheet } from './present.ts'
import { createAligner } from './tail.ts'
import { printable } from './terminal.ts'

/**
 * Prints a list that goes on: the first call with titles, later ones in the same columns without. As json one object per
 * line, as yaml one document per item, because such a list has no end.
 */
export function createTailPrinter<Item>(
  context: CliContext,
  sheet: Omit<Sheet, 'rows' | 'data'>,
  rowOf: (item: Item) => readonly string[],
): (items: readonly Item[]) => void {
  const { terminal } = context
  const align = createAligner()
  let isFirst = true
  return (items) => {
    const format = context.format()
    for (const item of items) {
      if (format === 'json') terminal.print(printable(JSON.stringify(item)))
      if (format === 'yaml') {
        const lines = stringify(item, { lineWidth: 0 }).trimEnd().split('\n')
        terminal.print(['---', ...lines.map(printable)].join('\n'))
      }
    }
    const rows = items.map(rowOf)
    if (format === 'tsv') {
      if (isFirst) present(context, { ...sheet, rows, data: items })
      else for (const row of rows) terminal.print(row.map(printable).join('\t'))
    }
    if (format === 'table') {
      const lines = isFirst ? [sheet.columns.map(({ title }) => title), ...rows] : rows
      // All of them first: then the columns are as wide as their widest cell.
      lines.forEach(align)
      for (const line of lines.map(align)) terminal.print(cut(line, terminal.width))
    }
    isFirst = false
  }
}
