import { z } from 'zod'
import type { Action } from '../action.ts'

const args = z.strictObject({})

export const ping: Action<z.infer<typeof args>> = {
  kind: 'ping',
  what: 'answer at once: the agent is there and takes this operator for one of its own',
  risk: 'read',
  target: 'node',
  args,
  deadlineMs: 10_000,
  examples: ['run ping -c pg-main'],
  plan: () => Promise.resolve(['answers; reads and changes nothing']),
  run: ({ node, agent }) => Promise.resolve({ message: `${node} runs pgherd ${agent.version}.`, output: [] }),
}
