import { z } from 'zod'
import type { Action } from '../action.ts'

const args = z.strictObject({})

export const facts: Action<z.infer<typeof args>> = {
  kind: 'facts',
  what: 'what the agent knows of its node, servers and poolers',
  risk: 'read',
  target: 'node',
  args,
  deadlineMs: 10_000,
  examples: ['run facts -n pg-main-1 -o json'],
  plan: () => Promise.resolve(['tells what the agent knows; changes nothing']),
  run: ({ node, agent }) =>
    Promise.resolve({
      message: `What ${node} knows.`,
      output: [{ type: 'facts', title: node, facts: { ...agent.facts() } }],
    }),
}
