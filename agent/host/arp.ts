import type { SampleTable } from '../../common/series/sample-table.ts'
import { createLabelCache } from './labels.ts'
import { fieldsOf } from './table.ts'

const metrics = ['node_arp_entries']
const labelNames = ['device']

/** Counts the lines of /proc/net/arp by device, which stands last; the first line has the headings. */
export function createArpCounter(): (pieces: Iterable<readonly string[]>) => readonly SampleTable[] {
  const labels = createLabelCache()
  return (pieces) => {
    const entries = new Map<string, number>()
    for (const lines of pieces) {
      for (const line of lines) {
        if (!/^\d/.test(line)) continue
        const device = fieldsOf(line).at(-1)!
        entries.set(device, (entries.get(device) ?? 0) + 1)
      }
    }
    const rows = [...entries].map(([device, count]) => ({ labels: labels.of(device), values: [count] }))
    labels.turn()
    return [{ metrics, labelNames, rows }]
  }
}
