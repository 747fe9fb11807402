import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'
import { renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { printAge, printableJson } from '../terminal.ts'

/** `agentctl nodes`: every node the collector knows, whether its server is up and its agent connected. */
export async function nodes(
  client: CollectorClient,
  terminal: Terminal,
  options: { json: boolean; nowMs: number },
): Promise<void> {
  const { data } = await client.call('GET', '/api/v1/nodes', nodesAnswer)
  if (options.json) {
    terminal.print(printableJson(data))
    return
  }
  if (data.length === 0) {
    terminal.print('no nodes yet: an agent appears here as soon as it has connected or sent its first sample')
    return
  }
  const sorted = [...data].sort((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }))
  const columns = [
    { title: 'NODE' },
    { title: 'CLUSTER' },
    { title: 'IP' },
    { title: 'SERVER' },
    { title: 'ROLE' },
    { title: 'AGENT' },
    { title: 'LAST SAMPLE', align: 'right' as const },
    { title: 'VERSION' },
  ]
  for (const line of renderTable(
    columns,
    sorted.map((node) => row(node, options.nowMs)),
    terminal.width,
  )) {
    terminal.print(line)
  }
}

function row(node: NodeView, nowMs: number): readonly string[] {
  return [
    node.node,
    node.cluster,
    node.ip,
    node.up === null ? 'unknown' : node.up ? 'up' : 'DOWN',
    node.role ?? '-',
    node.connected ? 'connected' : 'away',
    node.lastSampleMs === null ? 'none' : `${printAge(nowMs - node.lastSampleMs)} ago`,
    node.version,
  ]
}
