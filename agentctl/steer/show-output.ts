import { stringify } from 'yaml'
import type { ActionOutput } from '../../common/command/result.ts'
import { cut, displayWidth, padded } from '../display-width.ts'
import type { Terminal } from '../terminal.ts'
import { renderTable } from '../table.ts'
import { printable } from '../terminal.ts'

/** What an action showed, for a person. */
export function showOutput(terminal: Terminal, output: readonly ActionOutput[]): void {
  for (const [i, one] of output.entries()) {
    if (i > 0) terminal.print('')
    if (one.title !== '') terminal.print(printable(one.title))
    switch (one.type) {
      case 'table': {
        if (one.rows.length === 0) {
          terminal.print('  (none)')
          break
        }
        const columns = one.columns.map(({ name, align }) => ({ title: name.toUpperCase(), align }))
        const rows = one.rows.map((row) => row.map((cell) => cell ?? ''))
        const lines = renderTable(columns, rows, terminal.width)
        const isTooWide = lines.some((line) => displayWidth(line) > terminal.width)
        for (const line of isTooWide ? recordsOf(columns, rows, terminal.width) : lines) terminal.print(line)
        if (one.truncated) terminal.print('  … and more')
        break
      }
      case 'facts':
        for (const line of stringify(one.facts, { lineWidth: 0 }).trimEnd().split('\n')) {
          terminal.print(printable(line))
        }
        break
      case 'text':
        for (const line of one.lines) terminal.print(printable(line))
    }
  }
}

/** A table for a narrow terminal: each row as a block of its own, with a line per cell that has something to say. */
function recordsOf(
  columns: readonly { readonly title: string }[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const titles = columns.map(({ title }) => printable(title))
  const widest = titles.reduce((most, title) => Math.max(most, displayWidth(title)), 0)
  return rows.flatMap((row, i) => {
    const lines = titles.map((title, at) => ({ title, cell: printable(row[at] ?? '') }))
    const filled = lines.filter(({ cell }) => cell !== '')
    return [
      ...(i === 0 ? [] : ['']),
      ...filled.map(({ title, cell }) => cut(`${padded(title, widest)}  ${cell}`, width)),
    ]
  })
}
