import type { Command } from 'commander'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import type { CliContext } from '../context.ts'
import { nodeNotes } from '../node-notes.ts'
import { present } from '../present.ts'
import { addSelectors, byName, selectNodes } from '../select-nodes.ts'
import type { NodeSelection } from '../select-nodes.ts'
import { printAge } from '../terminal.ts'

/** `agentctl nodes`: every node the collector knows, whether its server is up and its agent connected. */
export function addNodes(program: Command, context: CliContext): void {
  const nodes = program
    .command('nodes')
    .description('list the nodes: server up or down, role, agent, age of the newest sample')
    .addHelpText(
      'after',
      `
Without a selector all nodes are listed. NOTES tells of clocks that differ by more than 30 s (the node's agent may refuse commands),
of audits that did not continue as they had begun (see agentctl audit verify), and of further servers and poolers.

Examples:
  agentctl nodes
  agentctl nodes -c pg-main --role standby
  agentctl nodes -l up=false
  agentctl -o tsv nodes -l connected=false | cut -f1

Exit status: 0 done, 1 no node is like that, 4 unreachable, 5 timed out.`,
    )
    .action(async (selection: NodeSelection) => {
      const selected = await listed(context, selection)
      const nowMs = context.clock.now()
      present(context, {
        columns: [
          { title: 'NODE' },
          { title: 'CLUSTER', spare: 3 },
          { title: 'IP', spare: 1 },
          {
            title: 'SERVER',
            tone: (cell) => (cell === 'DOWN' ? 'bad' : cell === 'unknown' ? 'warning' : undefined),
          },
          { title: 'ROLE' },
          { title: 'AGENT', tone: (cell) => (cell === 'away' ? 'warning' : undefined) },
          { title: 'LAST SAMPLE', align: 'right' },
          { title: 'VERSION', spare: 2 },
          { title: 'NOTES', onlyIfFilled: true, tone: () => 'warning' },
        ],
        rows: selected.map((node) => row(node, nowMs)),
        data: selected,
        nothing: 'no nodes yet: an agent appears here as soon as it has connected or sent its first sample',
      })
    })
  addSelectors(nodes)
}

async function listed(context: CliContext, selection: NodeSelection): Promise<readonly NodeView[]> {
  if (Object.keys(selection).length > 0) return selectNodes(context, selection)
  const { data } = await context.client().call('GET', '/api/v1/nodes', nodesAnswer)
  return [...data].sort(byName)
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
    nodeNotes(node),
  ]
}
