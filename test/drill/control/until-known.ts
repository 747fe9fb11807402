import { nodesAnswer } from '../../../common/wire/nodes.ts'
import type { NodeView } from '../../../common/wire/nodes.ts'
import { waitFor } from '../../../testbed/wait.ts'
import type { CommandHerd } from './command-herd.ts'

async function nodesOf(collectorUrl: string): Promise<readonly NodeView[]> {
  const answer = await fetch(`${collectorUrl}/api/v1/nodes`)
  return nodesAnswer.parse(await answer.json()).data
}

/** Resolves when the collector knows so many agents. */
export async function untilNodes(collectorUrl: string, count: number): Promise<void> {
  await waitFor(`${count} nodes are known`, async () => (await nodesOf(collectorUrl)).length === count)
}

/** Resolves when the agent is connected and, where a server is meant, that server can be named. */
export async function untilKnown(
  { collector, agent }: Pick<CommandHerd, 'collector' | 'agent'>,
  systemIdentifier?: string,
): Promise<void> {
  await waitFor(
    'the agent is connected',
    async () => {
      const [first] = await nodesOf(collector.url)
      if (first?.connected !== true) return false
      return systemIdentifier === undefined || first.servers[0]?.systemIdentifier === systemIdentifier
    },
    { timeoutMs: 20_000, explain: () => agent.logTail(5) },
  )
}
