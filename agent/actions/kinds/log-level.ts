import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import { logLevels } from '../../../common/log.ts'
import type { Action } from '../action.ts'

const args = z.strictObject({
  level: z.enum(logLevels).describe('least severe level that is logged, until the agent starts again'),
})

export const logLevel: Action<z.infer<typeof args>> = {
  kind: 'log-level',
  what: "set the agent's log level until it starts again",
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: 10_000,
  examples: ['run log-level -n pg-main-1 level=debug'],
  plan: ({ agent }, { level }) =>
    Promise.resolve([
      agent.logLevel() === level
        ? `the log level is ${level} already`
        : `sets the log level from ${agent.logLevel()} to ${level}`,
    ]),
  run({ agent }, { level }) {
    const before = agent.logLevel()
    agent.setLogLevel(level)
    return Promise.resolve({ message: `The log level was ${before} and is ${level}.`, output: [] })
  },
  verify({ agent }, { level }) {
    if (agent.logLevel() === level) return Promise.resolve([`the agent logs from ${level} on`])
    return Promise.reject(new PgherdError('INTERNAL', `the log level is still ${agent.logLevel()}`))
  },
}
