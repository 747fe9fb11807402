import { askConsole } from '../../postgres/pooler-console.ts'
import type { ConsoleRow } from '../../postgres/pooler-console.ts'
import { as, consoleTable, reportMs } from './pooler-report.ts'
import type { PoolerColumn, PoolerReport } from './pooler-report.ts'

const columns: readonly PoolerColumn[] = [
  as('setting', 'key'),
  { name: 'value', of: (row) => row.get('value') },
  { name: 'default', of: (row) => row.get('default') },
  {
    name: 'changed_by',
    of: (row) => (row.get('changeable') === 'yes' ? 'reload' : row.has('changeable') ? 'restart' : undefined),
  },
]

/** The console shows a mode in decimal and its default in octal. */
function plain(row: ConsoleRow, column: string): string | undefined {
  const text = row.get(column)
  return text !== undefined && /^0[0-7]+$/.test(text) ? String(parseInt(text, 8)) : text
}

export const settings: PoolerReport = {
  name: 'settings',
  what: 'settings that differ from their defaults, and what a change of each takes',
  async read({ session, limit }) {
    const all = await askConsole(session, 'show config', reportMs)
    // Before pgBouncer 1.13 the console does not tell defaults: then all that are not empty are shown.
    const differing = all.filter((row) => (row.get('value') ?? '') !== (plain(row, 'default') ?? ''))
    if (differing.length === 0) {
      return [{ type: 'text', title: 'Settings', lines: ['All settings have their defaults.'] }]
    }
    return [consoleTable('Settings', differing, columns, limit)]
  },
}
