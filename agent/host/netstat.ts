import type { SampleTable } from '../../common/series/sample-table.ts'
import { namedTable, numberOf } from './table.ts'

/**
 * The fields of node_exporter's default, and those of TCP that later versions and common dashboards add: failed and
 * reset connections, segments out of order and dropped for want of a receive buffer.
 */
const wanted =
  /^(?:.*_(?:InErrors|InErrs)|Ip_Forwarding|Ip(?:6|Ext)_(?:InOctets|OutOctets)|Icmp6?_(?:InMsgs|OutMsgs)|TcpExt_(?:Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(?:ActiveOpens|AttemptFails|EstabResets|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(?:InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$/

/** Which columns of a line are wanted, known by its headings. */
interface Layout {
  readonly heading: string
  readonly columns: readonly number[]
  readonly metrics: readonly string[]
}

/**
 * Reads /proc/net/netstat or /proc/net/snmp: a line of headings and a line of values for each protocol. The headings
 * are taken apart once.
 */
export function createNetstatParser(): (text: string) => readonly SampleTable[] {
  const layouts: Layout[] = []
  let metrics: readonly string[] = []
  return (text) => {
    const lines = text.split('\n')
    const values: (number | undefined)[] = []
    let changed = false
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const heading = lines[i]!
      let layout = layouts[i / 2]
      if (layout?.heading !== heading) {
        layout = layoutOf(heading)
        layouts[i / 2] = layout
        changed = true
      }
      if (layout.columns.length === 0) continue
      const fields = lines[i + 1]!.split(' ')
      for (const column of layout.columns) values.push(numberOf(fields[column]))
    }
    const count = lines.length >> 1
    if (changed || layouts.length > count) {
      layouts.length = count
      metrics = layouts.flatMap((layout) => layout.metrics)
    }
    return [namedTable(metrics, values)]
  }
}

function layoutOf(heading: string): Layout {
  const [protocol, ...fields] = heading.split(' ')
  const columns: number[] = []
  const metrics: string[] = []
  for (const [i, field] of fields.entries()) {
    const name = `${protocol!.replace(':', '')}_${field}`
    if (!/^\w+$/.test(name) || !wanted.test(name)) continue
    columns.push(i + 1)
    metrics.push(`node_netstat_${name}`)
  }
  return { heading, columns, metrics }
}

const snmp6Line = /^(Ip|Icmp|Udp|UdpLite)6(\w+)\s+(-?\d+)$/gm

/** Metrics by the fields of /proc/net/snmp6; undefined where one is not wanted. */
const snmp6Names = new Map<string, string | undefined>()

/** /proc/net/snmp6: a field per line, the protocol in front of its name. */
export function parseSnmp6(text: string): readonly SampleTable[] {
  const metrics: string[] = []
  const values: (number | undefined)[] = []
  for (const [, protocol, field, value] of text.matchAll(snmp6Line)) {
    const name = `${protocol}6_${field}`
    let metric = snmp6Names.get(name)
    if (metric === undefined && !snmp6Names.has(name)) {
      metric = wanted.test(name) ? `node_netstat_${name}` : undefined
      if (snmp6Names.size < 500) snmp6Names.set(name, metric)
    }
    if (metric === undefined) continue
    metrics.push(metric)
    values.push(numberOf(value))
  }
  return [namedTable(metrics, values)]
}
