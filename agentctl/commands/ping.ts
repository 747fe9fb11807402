import { pingAnswer } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'
import { printable, printableJson } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'

/** `agentctl ping NODE`: asks the agent itself, over the channel that it keeps open to the collector. */
export async function ping(
  client: CollectorClient,
  terminal: Terminal,
  options: { node: string; json: boolean },
): Promise<void> {
  const { data } = await client.call(
    'POST',
    `/api/v1/nodes/${encodeURIComponent(options.node)}/ping`,
    pingAnswer,
  )
  if (options.json) {
    terminal.print(printableJson(data))
    return
  }
  const skew = Math.round(data.clockSkewMs)
  const clock =
    Math.abs(skew) < 1000
      ? 'clocks agree'
      : `its clock is ${Math.abs(skew)} ms ${skew > 0 ? 'ahead' : 'behind'}`
  terminal.print(
    printable(
      `${data.node} answered in ${data.roundTripMs.toFixed(1)} ms (pgherd-agent ${data.version}, ${clock})`,
    ),
  )
}
