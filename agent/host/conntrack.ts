import type { SampleTable } from '../../common/series/sample-table.ts'
import { fieldsOf, hexOf, linesOf, namedTable, numberOf } from './table.ts'

const limitMetrics = ['node_nf_conntrack_entries', 'node_nf_conntrack_entries_limit']

/** nf_conntrack_count and nf_conntrack_max: tracked connections and how many there may be. */
export function parseConntrack(count: string, max: string): readonly SampleTable[] {
  return [namedTable(limitMetrics, [numberOf(count.trim()), numberOf(max.trim())])]
}

const statFields = [
  'found',
  'invalid',
  'ignore',
  'insert',
  'insert_failed',
  'drop',
  'early_drop',
  'search_restart',
]
const statMetrics = statFields.map((field) => `node_nf_conntrack_stat_${field}`)

/** /proc/net/stat/nf_conntrack: a line of headings, then one of hexadecimal counts for each CPU. */
export function parseConntrackStat(text: string): readonly SampleTable[] {
  const [heading, ...cpus] = linesOf(text).map(fieldsOf)
  if (heading === undefined || cpus.length === 0) return []
  const values = statFields.map((field) => {
    const column = heading.indexOf(field)
    return column < 0 ? undefined : cpus.reduce((sum, cpu) => sum + (hexOf(cpu[column]) ?? 0), 0)
  })
  return [namedTable(statMetrics, values)]
}
