import type { SampleTable } from '../../common/series/sample-table.ts'
import { namedTable, numberOf, scaled } from './table.ts'

/**
 * Reads /proc/net/sockstat and sockstat6, one after the other: sockets in use by protocol, and the memory of TCP
 * and UDP, which the kernel gives in pages.
 */
export function createSockstatParser(pageBytes: number): (text: string) => readonly SampleTable[] {
  return (text) => {
    const metrics: string[] = []
    const values: (number | undefined)[] = []
    for (const line of text.split('\n')) {
      const fields = line.split(' ')
      const protocol = fields[0]!.slice(0, -1)
      if (!/^\w+$/.test(protocol)) continue
      for (let i = 1; i + 1 < fields.length; i += 2) {
        const field = fields[i]!
        if (!/^\w+$/.test(field)) continue
        const value = numberOf(fields[i + 1])
        metrics.push(`node_sockstat_${protocol}_${field}`)
        values.push(value)
        if (field === 'mem') {
          metrics.push(`node_sockstat_${protocol}_mem_bytes`)
          values.push(scaled(value, pageBytes))
        }
      }
    }
    return [namedTable(metrics, values)]
  }
}
