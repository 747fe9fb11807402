import type { Command } from 'commander'
import { pingAnswer } from '../../common/wire/nodes.ts'
import type { PingView } from '../../common/wire/nodes.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printable } from '../terminal.ts'

/** `agentctl ping NODE`: asks the agent itself, over the channel that it keeps open to the collector. */
export function addPing(program: Command, context: CliContext): void {
  program
    .command('ping')
    .description('ask the agent of a node for a sign of life')
    .argument('<node>', 'name of the node, such as pg-main-1')
    .addHelpText(
      'after',
      `
The answer comes from the agent itself, over the channel that it keeps open: with the round trip and how far its clock is off.

Examples:
  agentctl ping pg-main-1
  agentctl run ping --all

Exit status: 0 it answered, 1 no such node, 3 refused, 4 its agent is away, 5 timed out.`,
    )
    .action(async (node: string) => {
      const path = `/api/v1/nodes/${encodeURIComponent(node)}/ping`
      const { data } = await context.client().call('POST', path, pingAnswer)
      if (context.format() === 'table') context.terminal.print(printable(sentence(data)))
      else
        present(context, {
          columns: [{ title: 'NODE' }, { title: 'MS' }, { title: 'VERSION' }, { title: 'SKEW_MS' }],
          rows: [[data.node, String(data.roundTripMs), data.version, String(data.clockSkewMs)]],
          data,
          nothing: '',
        })
    })
}

function sentence(data: PingView): string {
  const skew = Math.round(data.clockSkewMs)
  const clock =
    Math.abs(skew) < 1000
      ? 'clocks agree'
      : `its clock is ${Math.abs(skew)} ms ${skew > 0 ? 'ahead' : 'behind'}`
  return `${data.node} answered in ${data.roundTripMs.toFixed(1)} ms (pgherd-agent ${data.version}, ${clock})`
}
