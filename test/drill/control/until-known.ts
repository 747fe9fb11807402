import { z } from 'zod'
import { waitFor } from '../../../testbed/wait.ts'
import type { CommandHerd } from './command-herd.ts'

const nodes = z.object({
  data: z.array(
    z.object({
      node: z.string(),
      connected: z.boolean(),
      servers: z.array(z.object({ systemIdentifier: z.string().nullable() })),
    }),
  ),
})

/** Resolves when the agent is connected and, where a server is meant, that server can be named. */
export async function untilKnown(
  { collector, agent }: Pick<CommandHerd, 'collector' | 'agent'>,
  systemIdentifier?: string,
): Promise<void> {
  await waitFor(
    'the agent is connected',
    async () => {
      const answer = await fetch(`${collector.url}/api/v1/nodes`)
      const [first] = nodes.parse(await answer.json()).data
      if (first?.connected !== true) return false
      return systemIdentifier === undefined || first.servers[0]?.systemIdentifier === systemIdentifier
    },
    { timeoutMs: 20_000, explain: () => agent.logTail(5) },
  )
}
