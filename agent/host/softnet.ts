import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createLabelCache } from './labels.ts'
import { hexOf } from './table.ts'

const metrics = [
  'node_softnet_processed_total',
  'node_softnet_dropped_total',
  'node_softnet_times_squeezed_total',
]
const labelNames = ['cpu']

/** Since Linux 5.10 a line says in this column whose it is; before, they stood in the order of the CPUs. */
const cpuColumn = 12

/** Reads /proc/net/softnet_stat: what each CPU took from the network, in hexadecimal columns. */
export function createSoftnetParser(): (text: string) => readonly SampleTable[] {
  const labels = createLabelCache()
  return (text) => {
    const rows: SampleRow[] = []
    for (const [i, line] of text.split('\n').entries()) {
      if (line === '') continue
      const fields = line.split(' ')
      const cpu = hexOf(fields[cpuColumn]) ?? i
      rows.push({
        labels: labels.of(String(cpu)),
        values: [hexOf(fields[0]), hexOf(fields[1]), hexOf(fields[2])],
      })
    }
    labels.turn()
    return [{ metrics, labelNames, rows }]
  }
}
