import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createLabelCache } from './labels.ts'
import { numberOf } from './table.ts'

const receive = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast']
const transmit = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed']
const metrics = [
  ...receive.map((field) => `node_network_receive_${field}_total`),
  ...transmit.map((field) => `node_network_transmit_${field}_total`),
]
const labelNames = ['device']

/** Reads /proc/net/dev: two lines of headings, then a device per line, whose counters may touch its colon. */
export function createNetworkParser(): (text: string) => readonly SampleTable[] {
  const labels = createLabelCache()
  return (text) => {
    const rows: SampleRow[] = []
    for (const line of text.split('\n').slice(2)) {
      const colon = line.lastIndexOf(':')
      if (colon < 0) continue
      const counts = line
        .slice(colon + 1)
        .trim()
        .split(/ +/)
      const values = metrics.map((_, i) => numberOf(counts[i]))
      rows.push({ labels: labels.of(line.slice(0, colon).trim()), values })
    }
    labels.turn()
    return [{ metrics, labelNames, rows }]
  }
}
