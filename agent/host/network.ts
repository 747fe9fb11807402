import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { fieldsOf, linesOf } from './table.ts'

const receive = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast']
const transmit = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed']
const metrics = [
  ...receive.map((field) => `node_network_receive_${field}_total`),
  ...transmit.map((field) => `node_network_transmit_${field}_total`),
]

/** /proc/net/dev: two lines of headings, then a device per line, whose counters may touch its colon. */
export function parseNetworkDevices(text: string): readonly SampleTable[] {
  const rows: SampleRow[] = []
  for (const line of linesOf(text).slice(2)) {
    const colon = line.lastIndexOf(':')
    if (colon < 0) continue
    const counts = fieldsOf(line.slice(colon + 1))
    rows.push({
      labels: [line.slice(0, colon).trim()],
      values: metrics.map((_, i) => (counts[i] === undefined ? undefined : Number(counts[i]))),
    })
  }
  return [{ metrics, labelNames: ['device'], rows }]
}
