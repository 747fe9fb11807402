import { z } from 'zod'
import type { Action } from '../action.ts'

const args = z.strictObject({})

export const scrapeNow: Action<z.infer<typeof args>> = {
  kind: 'scrape-now',
  what: 'measure everything now, before the next tick',
  risk: 'read',
  target: 'node',
  args,
  deadlineMs: 60_000,
  examples: ['run scrape-now -c pg-main'],
  plan: () => Promise.resolve(['measures all sources once and sends the samples']),
  async run({ agent, signal }) {
    const { sources, samples } = await agent.scrapeNow(signal)
    return { message: `Measured ${samples} samples of ${sources} sources.`, output: [] }
  },
}
