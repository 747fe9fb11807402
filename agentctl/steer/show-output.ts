import { stringify } from 'yaml'
import type { ActionOutput } from '../../common/command/result.ts'
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
        for (const line of renderTable(columns, rows, terminal.width)) terminal.print(line)
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
