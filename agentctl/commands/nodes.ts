import type { Command } from 'commander'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printAge } from '../terminal.ts'

/** `agentctl nodes`: every node the collector knows, whether its server is up and its agent connected. */
export function addNodes(program: Command, context: CliContext): void {
  program
    .command('nodes')
    .description('list every node: server up or down, role, agent, age of the newest sample')
    .action(async () => {
      const { data } = await context.client().call('GET', '/api/v1/nodes', nodesAnswer)
      const sorted = [...data].sort((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }))
      const nowMs = context.clock.now()
      present(context, {
        columns: [
          { title: 'NODE' },
          { title: 'CLUSTER' },
          { title: 'IP' },
          { title: 'SERVER' },
          { title: 'ROLE' },
          { title: 'AGENT' },
          { title: 'LAST SAMPLE', align: 'right' },
          { title: 'VERSION' },
        ],
        rows: sorted.map((node) => row(node, nowMs)),
        data: sorted,
        nothing: 'no nodes yet: an agent appears here as soon as it has connected or sent its first sample',
      })
    })
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
